"""Fields that depend on one dimension alone, so that they are decided once for each of its distinct values.

The operation is verb, stage, level, resource, subresource, API group, status code, whether the message is that of a
client that vanished, the authorizer's decision, and which bodies and identities are there; the user is name and groups;
the agent is the user agent; the peer is the last of the source addresses.
"""

from typing import Final

from kwho.fields.field import decided_by, field, needing
from kwho.schema.event import ObjectRef, User
from kwho.views import Look, agent, objects, outcome, principal, source


def _user(look: Look) -> User:
    return look.event.user or _NOBODY


def _ref(look: Look) -> ObjectRef:
    return look.event.objectRef or _NO_OBJECT


_NOBODY: Final = User()
_NO_OBJECT: Final = ObjectRef()

DECIDED: Final = (
    *decided_by(
        "operation",
        field(
            "verb",
            "text",
            lambda look: look.event.verb,
            "The verb; the lower-case HTTP method when no resource is named.",
        ),
        field(
            "stage", "text", lambda look: look.event.stage, "How far the request had come when the event was written."
        ),
        field("level", "text", lambda look: look.event.level, "How much the audit policy asked to record."),
        field(
            "objectRef.resource", "text", lambda look: _ref(look).resource, "The resource, in the plural.", "resource"
        ),
        field("objectRef.subresource", "text", lambda look: _ref(look).subresource, "The subresource.", "subresource"),
        field(
            "objectRef.apiGroup",
            "text",
            lambda look: _ref(look).apiGroup,
            "The API group; absent for the core group.",
            "api_group",
        ),
        field(
            "responseStatus.code",
            "integer",
            lambda look: look.event.responseStatus.code if look.event.responseStatus else None,
            "The HTTP status code of the answer.",
            "code",
        ),
        field(
            "answer",
            "text",
            lambda look: look.see(outcome.answer),
            "The outcome by stage, code and decision alone: dry runs and OpenShift's login decisions do not count.",
        ),
        field("target", "text", objects.target, "`resource` or `resource/subresource`."),
        field(
            "target.kind",
            "text",
            objects.target_kind,
            "`group/resource` or `group/resource/subresource`; the core group is `core`.",
        ),
        *needing(
            "annotations",
            "Metadata",
            field("decision", "text", outcome.decision, "What the authorizer decided: `allow` or `forbid`."),
        ),
        *needing(
            "impersonatedUser",
            "Metadata",
            field(
                "impersonation",
                "boolean",
                principal.impersonation,
                "True when the caller was allowed to act as somebody else.",
            ),
        ),
    ),
    *decided_by(
        "user",
        field(
            "user.username", "text", lambda look: _user(look).username, "The name of the authenticated caller.", "user"
        ),
        *needing(
            "user.groups",
            "Metadata",
            field(
                "user.groups",
                "text",
                lambda look: _user(look).groups,
                "The groups of the authenticated caller.",
                "groups",
            ),
        ),
        field(
            "principal.kind",
            "text",
            lambda look: look.see(principal.principal_kind),
            "`anonymous`, `service_account`, `node`, `system` or `human`.",
        ),
        field(
            "principal.namespace",
            "text",
            lambda look: look.see(principal.account).namespace,
            "The namespace of the calling service account.",
        ),
        field(
            "principal.name",
            "text",
            lambda look: look.see(principal.account).name,
            "The bare name of the calling service account or node.",
        ),
    ),
    *decided_by(
        "agent",
        field("userAgent", "text", lambda look: look.event.userAgent, "What the client calls itself.", "ua"),
        field(
            "userAgent.family",
            "text",
            agent.family,
            "The first product of the user agent without its version, in lower case.",
        ),
    ),
    *decided_by(
        "peer",
        *needing(
            "sourceIPs",
            "Metadata",
            field("source.ip", "address", source.peer, "The direct peer: the last of `sourceIPs`.", "ip"),
            field("source.public", "boolean", source.public, "True when the direct peer is globally routable."),
            field("source.network", "text", source.network, "The /24 (IPv4) or /64 (IPv6) of the direct peer."),
        ),
    ),
)
