"""One step in plain English, out of facts only: who did what to which object, from where, and what came of it."""

from collections.abc import Sequence
from typing import Final

from kwho.link.trace import Trace
from kwho.schema.finding import Finding, Outcome

NAMED: Final = 4
"""Objects named in one sentence."""
NOBODY: Final = "somebody without credentials"
SEVERAL: Final = "several identities"

_PAST: Final = {
    "create": "created",
    "update": "changed",
    "patch": "changed",
    "delete": "deleted",
    "deletecollection": "deleted many",
    "get": "read",
    "list": "listed",
    "watch": "watched",
}
_BARE: Final = {
    "create": "create",
    "update": "change",
    "patch": "change",
    "delete": "delete",
    "deletecollection": "delete many",
    "get": "read",
    "list": "list",
    "watch": "watch",
}
_SPECIAL: Final = {
    "pods/exec": ("ran a command in", "run a command in"),
    "pods/attach": ("attached to", "attach to"),
    "pods/portforward": ("opened a tunnel to", "open a tunnel to"),
    "pods/ephemeralcontainers": ("put a container into", "put a container into"),
    "pods/eviction": ("evicted", "evict"),
    "pods/log": ("read the log of", "read the log of"),
    "nodes/proxy": ("called the kubelet of", "call the kubelet of"),
    "serviceaccounts/token": ("asked for a token of", "ask for a token of"),
    "certificatesigningrequests/approval": ("decided on", "decide on"),
}
_ENDS: Final[dict[Outcome, str]] = {
    "failed": ", which failed",
    "rejected": ", which was rejected",
    "dry_run": ", as a dry run",
    "open": ", which had not ended",
}


def sentence(told: Sequence[Trace], titles: Sequence[str]) -> str:
    """What findings about like requests say happened; `titles` are those of all rules that speak of them."""
    trace, count = told[0], sum(trace.finding.count for trace in told)
    finding = trace.finding
    refused = finding.outcome in ("forbidden", "unauthenticated")
    act = _act(told, refused=refused)
    times = f", {count:,} times" if count > len(told) and finding.detector == "rule" else ""
    end = "" if finding.outcome is None else _ENDS.get(finding.outcome, "")
    peer = f" from {finding.source.ip}" if finding.source.ip else ""
    said = "; ".join(dict.fromkeys(titles))
    return f"{_who(trace)}{peer} {act}{times}{end}: {said}"


def _who(trace: Trace) -> str:
    principal = trace.finding.principal
    if len(trace.users) > 1:
        return SEVERAL
    borrowed = principal.impersonated
    anonymous = principal.kind == "anonymous" and principal.user in (None, "", "system:anonymous")
    name = NOBODY if anonymous else principal.user or SEVERAL
    return f"{name} as {borrowed.user or 'somebody'}" if borrowed is not None else name


def _act(told: Sequence[Trace], *, refused: bool) -> str:
    trace = told[0]
    if trace.finding.detector == "correlation":
        count = trace.finding.count
        return f"made {count:,} {'request' if count == 1 else 'requests'} about {_object(trace.finding, bare=False)}"
    target = trace.finding.target
    what = "/".join(part for part in (target.resource, target.subresource) if part)
    special = _SPECIAL.get(what)
    if special is not None:
        done = f"was refused to {special[1]}" if refused else special[0]
        return f"{done} {_objects(told, bare=True)}"
    words = list(dict.fromkeys((_BARE if refused else _PAST).get(verb, "") for verb in _verbs(trace)))
    words = [word for word in words if word] or ["use" if refused else "used"]
    done = f"was refused to {' or '.join(words)}" if refused else " and ".join(words)
    return f"{done} {_objects(told, bare=False)}"


def _objects(told: Sequence[Trace], *, bare: bool) -> str:
    named = list(dict.fromkeys(_object(trace.finding, bare=bare) for trace in told))
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _verbs(trace: Trace) -> tuple[str, ...]:
    """The verbs of the requests; where none were kept, the one that the rule cites."""
    cited = (item.value for item in trace.finding.evidence if item.field == "verb")
    return trace.verbs or tuple(verb for verb in cited if isinstance(verb, str))


def _object(finding: Finding, *, bare: bool) -> str:
    """The target in words; `bare` leaves the subresource to the verb."""
    target = finding.target
    if not target.resource:
        return target.uri.partition("?")[0] if target.uri else "several kinds of objects"
    kind = target.resource if bare else "/".join(part for part in (target.resource, target.subresource) if part)
    named = f" {target.name}" if target.name else ""
    where = f" in {target.namespace}" if target.namespace else ""
    return f"{kind}{named}{where}"
