"""From "who asks what" to the line an API server writes: URI, object reference, status and annotations that agree."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from kwho.sample.bodies import STATUS
from kwho.schema.event import ABSENT, Event, ObjectRef, Status, User

VERSIONS: Final = {
    "core": "v1",
    "argoproj.io": "v1alpha1",
    "autoscaling": "v2",
    "metrics.k8s.io": "v1beta1",
    "wgpolicyk8s.io": "v1alpha2",
}
"""Served version by API group; every other group serves v1."""

_WRITES: Final = frozenset({"create", "update", "patch", "delete"})
_COLLECTIVE: Final = frozenset({"create", "list", "watch", "deletecollection"})
_BODIED: Final = frozenset(
    {"pods", "deployments", "daemonsets", "jobs", "cronjobs", "namespaces", "certificatesigningrequests"}
    | {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
)
_REPORTS: Final = frozenset({("patch", "pods", "status"), ("patch", "nodes", "status")})
_QUERIES: Final = {
    "list": "?limit=500",
    "create": "?fieldManager=kubectl-create&fieldValidation=Strict",
    "patch": "?fieldManager=kubectl-client-side-apply&fieldValidation=Strict",
}
_INFORMER: Final = "?limit=500&resourceVersion=0"
_REASONS: Final = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    422: "Invalid",
    503: "ServiceUnavailable",
}
_PUBLIC: Final = 'RBAC: allowed by ClusterRoleBinding "system:{0}" of ClusterRole "system:{0}" to Group "system:{1}"'
_MARK: Final = "@@"


class Identity(NamedTuple):
    """Who asks: the user as the server sees it, the direct peer, the agent, and why RBAC lets the user in."""

    user: User
    peer: str
    agent: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request in short form: `VERB GROUP/RESOURCE[/SUB] [[NAMESPACE/]NAME]`, or `VERB /path`.

    A place that ends in `/` is a namespace without a name, one that begins with `/` a cluster-scoped name.
    `query` None means what the usual client of the verb sends. `note` are further annotations.
    """

    spec: str
    code: int = 200
    query: str | None = None
    sent: bytes = b""
    answered: bytes = b""
    note: tuple[tuple[str, str], ...] = ()


class Template(NamedTuple):
    """One line of the log, cut where the audit id and the two times belong."""

    head: str
    middle: str
    tail: str

    def line(self, audit_id: str, received: str, stage: str) -> bytes:
        """The finished line, with its newline."""
        return f'{self.head}{audit_id}{self.middle}{received}","stageTimestamp":"{stage}{self.tail}\n'.encode()


def template(identity: Identity, ask: Ask, stage: str = "ResponseComplete") -> Template:
    """The log line of `ask` by `identity`, ready for any number of audit ids and times."""
    verb, reference, uri = _target(identity, ask)
    level, status = _level(verb, reference), _status(identity, ask, verb, reference)
    event = Event(
        kind="Event",
        apiVersion="audit.k8s.io/v1",
        level=level,
        auditID=_MARK,
        stage=stage,
        requestURI=uri,
        verb=verb,
        user=identity.user,
        sourceIPs=(identity.peer,),
        userAgent=identity.agent,
        objectRef=reference,
        responseStatus=status,
        requestObject=_sent(ask, level),
        responseObject=_answer(ask, level, status),
        requestReceivedTimestamp=_MARK,
        stageTimestamp=_MARK,
        annotations=_annotations(identity, ask, uri),
    )
    head, middle, _, tail = msgspec.json.encode(event).decode().split(_MARK)
    return Template(head, middle, tail)


def _target(identity: Identity, ask: Ask) -> tuple[str, ObjectRef | None, str]:
    verb, what, *places = ask.spec.split(" ")
    if what.startswith("/"):
        return verb, None, what + (ask.query or "")
    group, resource, *subs = what.split("/")
    namespace, _, name = places[0].rpartition("/") if places else ("", "", "")
    version = VERSIONS.get(group, "v1")
    uri = f"/api/{version}" if group == "core" else f"/apis/{group}/{version}"
    uri += f"/namespaces/{namespace}/{resource}" if namespace and resource != "namespaces" else f"/{resource}"
    if (name and verb not in _COLLECTIVE) or subs:
        uri = "/".join((uri, name, *subs))
    reference = ObjectRef(
        resource=resource,
        namespace=namespace or (name if resource == "namespaces" else "") or None,
        name=name or None,
        apiGroup=None if group == "core" else group,
        apiVersion=version,
        subresource="/".join(subs) or None,
    )
    return verb, reference, uri + _query(identity, ask, verb, name)


def _query(identity: Identity, ask: Ask, verb: str, name: str) -> str:
    by_hand = identity.agent.startswith("kubectl/")
    usual = _QUERIES.get(verb, "") if by_hand else _INFORMER if verb == "list" else ""
    query = usual if ask.query is None else ask.query
    return f"{query}&fieldSelector=metadata.name%3D{name}" if name and verb in {"list", "watch"} else query


def _level(verb: str, reference: ObjectRef | None) -> str:
    """What the audit policy of the demo says: bodies for workloads, rights and certificates, never for secrets."""
    if reference is not None and (verb, reference.resource, reference.subresource) in _REPORTS:
        return "Request"
    bodied = reference is not None and reference.resource in _BODIED and reference.subresource in {None, "approval"}
    return "RequestResponse" if bodied and verb in _WRITES else "Metadata"


def _sent(ask: Ask, level: str) -> msgspec.Raw:
    body = ask.sent or (STATUS if level == "Request" else b"")
    return msgspec.Raw(body) if body else ABSENT


def _answer(ask: Ask, level: str, status: Status) -> msgspec.Raw:
    """The body of the answer; what deletes and refuses answers with the status itself."""
    if ask.answered:
        return msgspec.Raw(ask.answered)
    if level != "RequestResponse":
        return ABSENT
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": ask.code}
    failure = {"status": status.status, "message": status.message, "reason": status.reason} if status.status else {}
    return msgspec.Raw(msgspec.json.encode({**body, **failure}))


def _status(identity: Identity, ask: Ask, verb: str, reference: ObjectRef | None) -> Status:
    empty = msgspec.Raw(b"{}")
    if ask.code < 400:
        return Status(metadata=empty, code=ask.code)
    reason = _REASONS[ask.code]
    if reason == "Conflict" and verb == "create":
        reason = "AlreadyExists"
    message = _message(identity, reason, verb, ask.spec.split(" ")[1], reference)
    details = ABSENT
    if reference is not None and ask.code != 401:
        kind = {"name": reference.name, "group": reference.apiGroup, "kind": reference.resource}
        details = msgspec.Raw(msgspec.json.encode({key: value for key, value in kind.items() if value}))
    return Status(metadata=empty, status="Failure", message=message, reason=reason, details=details, code=ask.code)


def _message(identity: Identity, reason: str, verb: str, what: str, reference: ObjectRef | None) -> str:
    if reference is None or reason == "Unauthorized":
        path = f'forbidden: User "{identity.user.username}" cannot {verb} path "{what}"'
        return path if reason == "Forbidden" else reason
    named = f'{reference.resource} "{reference.name}"' if reference.name else f"{reference.resource}"
    if reason == "Forbidden":
        where = f'in the namespace "{reference.namespace}"' if reference.namespace else "at the cluster scope"
        kind = "/".join(filter(None, (reference.resource, reference.subresource)))
        return (
            f'{named} is forbidden: User "{identity.user.username}" cannot {verb} resource "{kind}"'
            f' in API group "{reference.apiGroup or ""}" {where}'
        )
    return {
        "NotFound": f"{named} not found",
        "AlreadyExists": f"{named} already exists",
        "Conflict": f"Operation cannot be fulfilled on {named}: the object has been modified; please apply your "
        "changes to the latest version and try again",
    }.get(reason, reason)


def _annotations(identity: Identity, ask: Ask, uri: str) -> dict[str, str] | None:
    notes = dict(ask.note)
    if ask.code != 401:
        notes.setdefault("authorization.k8s.io/decision", "forbid" if ask.code == 403 else "allow")
        notes.setdefault("authorization.k8s.io/reason", "" if ask.code == 403 else _reason(identity, uri))
    return dict(sorted(notes.items())) or None


def _reason(identity: Identity, uri: str) -> str:
    if "system:masters" in (identity.user.groups or ()):
        return ""
    path = uri.partition("?")[0]
    if path in {"/version", "/healthz", "/livez", "/readyz"}:
        return _PUBLIC.format("public-info-viewer", "unauthenticated" if _anonymous(identity) else "authenticated")
    discovery = path in {"/api", "/api/v1"} or path.startswith("/openapi/")
    discovery = discovery or (path.startswith("/apis") and path.count("/") <= 3)
    return _PUBLIC.format("discovery", "authenticated") if discovery else identity.reason


def _anonymous(identity: Identity) -> bool:
    return identity.user.username == "system:anonymous"
