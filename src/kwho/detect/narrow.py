"""Is an exclusion narrow enough? A broad one is a place to hide: whoever learns of it acts within it."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from kwho.fields import find
from kwho.query.ast import And, Node, Not, Term
from kwho.query.pattern import literal_of

MOST: Final = 256
"""Ways in which one exclusion can hold; each is looked at."""

_NAME: Final = "user.username"
_GROUPS: Final = "user.groups"
_IDENTITY: Final = frozenset(
    {_NAME, _GROUPS, "effective.user", "effective.groups", "principal.name", "principal.namespace"}
)
_RESOURCE: Final = frozenset({"objectRef.resource", "target", "target.kind", "uri.path", "requestURI"})
_CHOSEN: Final = frozenset({"source.claimed", "sourceIPs"})
_EVERYBODY: Final = frozenset(
    {"system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:nodes", "system:masters"}
)
_TRIVIAL: Final = frozenset({"system:authenticated", "system:unauthenticated", "system:serviceaccounts"})
"""Groups that come with any credential of their kind."""
_PLACE: Final = ("source.ip", "source.zone")
_ISSUED: Final = ("system:", "eks:", "aks:", "gke:", "gcp:", "azure:")
"""Names that Kubernetes and clouds give out themselves, and that anybody may write into a certificate request."""

Way = tuple[Term, ...]


def too_broad(node: Node) -> str | None:
    """Why a condition is too broad to leave matches out; None when it is narrow.

    Narrow is: in every way in which it can hold it names who (exactly), which verb and which resource; a name that
    Kubernetes or a cloud gives out stands beside a group or a place; nothing is decided by what a client claims.
    """
    for term in _terms(node, positive=True):
        name = find(term.field or "").name if term.field else ""
        if not name:
            return "a word without a field may stand anywhere; name the field"
        if name in _CHOSEN:
            return f"{name} is what the client claims; use source.ip or source.zone"
        if name in _IDENTITY and not _exact(term):
            return f"{name} is compared with a part or a pattern; whoever picks a name that fits hides behind it"
    ways = list(_ways(node))
    if not 0 < len(ways) <= MOST:
        return f"it can hold in {'no way' if not ways else f'more than {MOST} ways'}; write several exclusions"
    return next((reason for way in ways if (reason := _complaint(way)) is not None), None)


def _complaint(way: Way) -> str | None:
    said: dict[str, list[Term]] = {}
    for term in way:
        said.setdefault(find(term.field or "").name, []).append(term)
    names = {str(value) for term in said.get(_NAME, ()) for value in term.values}
    groups = {str(value) for term in said.get(_GROUPS, ()) for value in term.values}
    if not names and (not groups or groups & _EVERYBODY):
        return "it does not say who: user.username, or user.groups that not everybody is in"
    proved = (groups and not groups & _TRIVIAL) or any(name in said for name in _PLACE)
    if not proved and any(name.startswith(_ISSUED) for name in names):
        return "a certificate may bear any name: say a group that not everybody is in, or where it comes from, as well"
    if not any(map(_names_values, said.get("verb", ()))):
        return "it does not say which verb"
    if not any(_names_values(term) for name in _RESOURCE for term in said.get(name, ())):
        return "it does not say which resource: target, or uri.path for a request on no resource"
    return None


def _exact(term: Term) -> bool:
    return term.op == "exists" or _names_values(term)


def _names_values(term: Term) -> bool:
    """True when a term asks for one of several texts, whole and without wildcards."""
    literals = [literal_of(value) if isinstance(value, str) else None for value in term.values]
    return term.op == "equals" and bool(literals) and None not in literals


def _terms(node: Node, *, positive: bool) -> Iterator[Term]:
    """The terms that speak for a node: those under an even number of negations."""
    if isinstance(node, Not):
        yield from _terms(node.node, positive=not positive)
    elif not isinstance(node, Term):
        for part in node.nodes:
            yield from _terms(part, positive=positive)
    elif positive:
        yield node


def _ways(node: Node, *, positive: bool = True) -> Sequence[Way]:
    """The sets of terms each of which lets a node hold, as far as positive terms go; at most one more than `MOST`."""
    if isinstance(node, Not):
        return _ways(node.node, positive=not positive)
    if isinstance(node, Term):
        return [(node,) if positive else ()]
    parts = [_ways(part, positive=positive) for part in node.nodes]
    if isinstance(node, And) is not positive:
        return [way for part in parts for way in part][: MOST + 1]
    ways: list[Way] = [()]
    for part in parts:
        ways = [(*before, *way) for before, way in product(ways, part)][: MOST + 1]
    return ways
