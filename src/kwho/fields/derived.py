"""Fields that say what an event means, read from what is there at every level."""

from typing import Final

from kwho.fields.field import field, needing
from kwho.schema.event import User
from kwho.views import Look, authorization, command, objects, outcome, principal, source, timing, token, uri


def _effective(look: Look) -> User:
    return principal.effective(look) or _NOBODY


_NOBODY: Final = User()

DERIVED: Final = (
    field(
        "outcome",
        "text",
        lambda look: look.see(outcome.outcome),
        "What became of the request: `success`, `unauthenticated`, `forbidden`, `rejected`, `failed`, `dry_run`, "
        "`open` or `unknown`.",
    ),
    field("accepted", "boolean", outcome.accepted, "True when the outcome is `success` or `open`."),
    field(
        "dryRun",
        "boolean",
        lambda look: look.see(outcome.dry_run),
        "True when the server was told to change nothing: the body says so for deletions, the query for other writes.",
    ),
    field(
        "impersonation.refused",
        "boolean",
        principal.impersonation_refused,
        "True when the caller was refused to act as somebody else.",
    ),
    field(
        "effective.user",
        "text",
        lambda look: _effective(look).username,
        "The name whose rights were used: the impersonated one, else the caller's.",
    ),
    field("effective.groups", "text", lambda look: _effective(look).groups, "The groups whose rights were used."),
    field(
        "effective.kind",
        "text",
        lambda look: principal.kind_of(principal.effective(look)),
        "The kind of the identity whose rights were used, as in `principal.kind`.",
    ),
    *needing(
        "sourceIPs",
        "Metadata",
        field(
            "source.claimed",
            "address",
            source.claimed,
            "Addresses that the client or its proxies claim: all but the last of `sourceIPs`.",
        ),
    ),
    field(
        "object.key",
        "text",
        objects.key,
        "The object as `namespace/name`, or its name alone; absent for lists and generated names.",
    ),
    field("uri.path", "text", lambda look: look.see(uri.path), "The path of the URI, percent-decoded."),
    field(
        "exec.command", "text", command.command, "The command of an exec or attach, its arguments joined by one blank."
    ),
    field("exec.argv", "text", lambda look: look.see(command.argv), "The arguments of an exec or attach."),
    field(
        "proxy.path",
        "text",
        uri.proxied_path,
        "The decoded path behind `/proxy/` of a node, pod or service, without leading slashes.",
    ),
    *needing(
        "annotations",
        "Metadata",
        field(
            "allowedBy.binding",
            "text",
            lambda look: look.see(authorization.allowed_by).binding,
            "The binding that allowed the request: `ClusterRoleBinding/name` or `RoleBinding/namespace/name`.",
        ),
        field(
            "allowedBy.role",
            "text",
            lambda look: look.see(authorization.allowed_by).role,
            "The role that allowed the request, as `Kind/name`.",
        ),
        field(
            "allowedBy.subject",
            "text",
            lambda look: look.see(authorization.allowed_by).subject,
            "The subject of the binding: `User:name`, `Group:name` or `ServiceAccount:namespace/name`.",
        ),
        field("deprecated", "boolean", timing.deprecated, "True when the request used a deprecated API version."),
        field(
            "truncated",
            "boolean",
            timing.truncated,
            "True when the server dropped the bodies because the event was too large.",
        ),
    ),
    *needing(
        "user.extra",
        "Metadata",
        field(
            "credential.id",
            "text",
            lambda look: token.credential(look, token.CREDENTIAL_ID),
            "The id of the caller's token or certificate.",
        ),
        field(
            "credential.pod",
            "text",
            lambda look: token.credential(look, token.CREDENTIAL_POD),
            "The pod that the caller's token is bound to.",
        ),
        field(
            "credential.node",
            "text",
            lambda look: token.credential(look, token.CREDENTIAL_NODE),
            "The node that the caller's token is bound to.",
        ),
    ),
    field(
        "duration",
        "integer",
        timing.duration,
        "Microseconds between the receipt of the request and the end of the response.",
    ),
    field(
        "time.quarter",
        "text",
        timing.quarter,
        "The quarter of the day, by the `timezone` of the site or in UTC, of the receipt: `00-06` to `18-24`.",
    ),
    field(
        "time.weekend",
        "boolean",
        timing.weekend,
        "True when the receipt was on a Saturday or Sunday, by the `timezone` of the site or in UTC.",
    ),
    field("cluster", "text", lambda look: look.context.cluster, "The cluster, as far as the wrapper tells."),
    field("instance", "text", lambda look: look.context.instance, "The API server, as far as the wrapper tells."),
    field("format", "text", lambda look: look.context.format, "The format that the event was read from."),
)
