"""Which rules can match an event, found from a few of its values: one bit a rule, one AND a dimension.

A dimension is a part of an event with few distinct values: the operation, the user with the groups, the agent, the
peer, the namespace. A condition is taken apart at its top-level And. A part that reads one dimension only is decided
once per distinct value of it, exactly, and never looked at again: by the index when it reads one field, else by its own
predicate. Of all other parts the index tells at least when one field alone makes them false. What is left undecided is
the `rest` of a condition.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, Literal

from kwho.fields import Field, find
from kwho.query.ast import And, Node, Not, Term, conjuncts
from kwho.query.index import Index
from kwho.query.match import compile_node
from kwho.schema.event import ABSENT
from kwho.views import Look
from kwho.views.outcome import answer

Dimension = Literal["operation", "user", "agent", "peer", "place"]
_DIMENSIONS: Final[tuple[Dimension, ...]] = ("operation", "user", "agent", "peer", "place")

FEW: Final = 3
"""Conditions that are sooner evaluated than refined."""
MOST: Final = 20_000
"""Values of a dimension whose mask is remembered."""
LONGEST: Final = 512
"""Characters of a text that is remembered."""

USUAL: Final = {"authorization.k8s.io/decision", "authorization.k8s.io/reason"}
"""The annotations that most events have, and no others."""
CHANGES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})

_NOTED: Final = {"impersonation.refused", "truncated"}
"""Fields that are read off other annotations than the usual ones, or off their absence."""
_OWN: Final = (
    "auditID", "requestReceivedTimestamp", "stageTimestamp", "objectRef.resourceVersion", "duration", "time.",
)  # fmt: skip
"""What two lines of one shape may differ in, and what is read off it."""
_SHARED: Final = ("credential.id", "user.uid")
"""What else than the fields of dimensions is part of a meaning."""
_CLOCKED: Final = {"time.quarter", "time.weekend"}
_OUTCOMES: Final = ("accepted", "outcome")
_DRY: Final = (*_OUTCOMES, "dryRun", "uri.query.dryRun")
"""What tells nothing new about a bodyless request whose URI speaks of no dry run."""
_ASKED: Final = ("requestURI", "uri.", "exec.")
"""What is read off the query of a URI, among others."""
_NAMESPACE: Final = find("objectRef.namespace")
_URI_FIELDS: Final = (find("uri.path"), find("requestURI"))


class Masks:
    """Bit i of every mask stands for `nodes[i]`; a cleared bit is a proof that the condition does not hold."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.all = (1 << len(nodes)) - 1
        self._index = Index(nodes)
        self._deciders: dict[Dimension, list[tuple[int, Callable[[Look], bool]]]] = {}
        self._seen: dict[str, dict[Hashable, int]] = {name: {} for name in (*_DIMENSIONS, "bodiless", "usual")}
        grouped: dict[Dimension, dict[Node, int]] = {name: {} for name in _DIMENSIONS}
        bodied: dict[Node, int] = {}
        noted: dict[Node, int] = {}
        rests = []
        for bit, node in enumerate(nodes):
            rest = []
            for part in conjuncts(node):
                dimension = _dimension_of(part)
                if dimension is None:
                    rest.append(part)
                    if _reads_only(part, _is_of_body):
                        bodied[part] = bodied.get(part, 0) | 1 << bit
                    elif _reads_only(part, _is_noted):
                        noted[part] = noted.get(part, 0) | 1 << bit
                elif len(fields_of(part)) > 1:
                    alike = grouped[dimension]
                    alike[part] = alike.get(part, 0) | 1 << bit
            rests.append(And(tuple(rest)))
        for dimension, alike in grouped.items():
            self._deciders[dimension] = [(bits, compile_node(part)) for part, bits in alike.items()]
        self._lacking = {
            "bodiless": [(bits, compile_node(part)) for part, bits in bodied.items()],
            "usual": [(bits, compile_node(part)) for part, bits in noted.items()],
        }
        self.rests = tuple(rests)
        """What each condition leaves undecided."""
        self._fields = {name: self._index.fields(name) for name in _DIMENSIONS}
        self._late = [
            (self._index.concerned(field.name), field)
            for field in sorted(map(find, self._index.used), key=lambda field: (field.level, field.name))
            if _of_field(field) is None and (field.level != "Metadata" or field.name in _OUTCOMES)
        ]
        self._outcomes = [name for name in _OUTCOMES if name in self._index.used]

    def operation(self, look: Look, key: Hashable) -> int:
        """The conditions that can hold with this operation; none at RequestReceived, which is never judged."""
        if look.event.stage == "RequestReceived":
            return 0
        mask = self.dimension("operation", look, key)
        if look.event.requestObject is ABSENT and look.event.responseObject is ABSENT:
            mask &= self._without("bodiless", look, key)
        if (look.event.annotations or {}).keys() == USUAL:
            mask &= self._without("usual", look, key)
        possible = _possible_outcomes(look)
        for name in self._outcomes if possible else ():
            mask &= self._any_outcome(name, possible)
        return mask

    def place(self, look: Look) -> int:
        """The conditions that can hold in this namespace; for a request on no resource, with this URI."""
        ref = look.event.objectRef
        if ref is not None:
            return self.dimension("place", look, ref.namespace) & self._mask(_NAMESPACE, look)
        mask = self.dimension("place", look, None) & self._mask(_NAMESPACE, look)
        for field in _URI_FIELDS:
            mask &= self._mask(field, look)
        return mask

    def dimension(self, dimension: Dimension, look: Look, key: Hashable) -> int:
        """The conditions that can hold with this value of a dimension, which is remembered under `key`."""
        seen = self._seen[dimension]
        mask = seen.get(key)
        if mask is None:
            mask = self.all
            for field in self._fields[dimension]:
                mask &= self._mask(field, look)
            for bits, holds in self._deciders[dimension]:
                if mask & bits and not holds(look):
                    mask &= ~bits
            if len(seen) < MOST and not (isinstance(key, str) and len(key) > LONGEST):
                seen[key] = mask
        return mask

    def _without(self, what: str, look: Look, key: Hashable) -> int:
        """The conditions that can hold with this operation and without bodies, or with the usual annotations only."""
        seen = self._seen[what]
        mask = seen.get(key)
        if mask is None:
            mask = self.all
            for bits, holds in self._lacking[what]:
                if not holds(look):
                    mask &= ~bits
            if len(seen) < MOST:
                seen[key] = mask
        return mask

    def refine(self, mask: int, look: Look) -> int:
        """The conditions of `mask` that can hold with these bodies; worth its price where many are left.

        Most pods are not privileged, mount nothing of their node, and so on: one look at each such value excludes all
        the conditions that ask for more.
        """
        for concerned, field in self._late if mask.bit_count() > FEW else ():
            if mask & concerned:
                mask &= self._index.mask(field.name, field.read(look))
        return mask

    def _mask(self, field: Field, look: Look) -> int:
        return self._index.mask(field.name, field.read(look)) if field.name in self._index.used else self.all

    def _any_outcome(self, name: str, possible: tuple[str, ...]) -> int:
        mask = 0
        for found in possible:
            mask |= self._index.mask(name, found in ("success", "open") if name == "accepted" else found)
        return mask


def _possible_outcomes(look: Look) -> tuple[str, ...]:
    """The outcomes that events with this operation can have: the answer, or a dry run of a write that succeeded.

    Empty when nothing is known: OpenShift's login server answers in an annotation of its own, on no resource.
    """
    event = look.event
    if (event.objectRef is None or event.objectRef.resource is None) and (event.annotations or {}).keys() != USUAL:
        return ()
    found = look.see(answer)
    return (found, "dry_run") if found == "success" and event.verb in CHANGES else (found,)


def _dimension_of(node: Node) -> Dimension | None:
    """The one dimension that a condition reads; None when it reads several, or none."""
    dimensions = _dimensions(node)
    return dimensions.pop() if len(dimensions) == 1 else None


def _dimensions(node: Node) -> set[Dimension | None]:
    """The dimensions of the fields of a condition, None for a field or a word that belongs to none."""
    if isinstance(node, Term):
        names = [node.field, *(str(value) for value in node.values if node.op == "fieldref")]
        return {None if name is None else _of_field(find(name)) for name in names}
    if isinstance(node, Not):
        return _dimensions(node.node)
    return set().union(*(_dimensions(part) for part in node.nodes))


def is_settled(node: Node) -> bool:
    """True when a condition holds for all or none of the events with one meaning that are no dry runs."""
    if isinstance(node, Term):
        nameless = node.field == "objectRef.name" and node.op == "equals" and node.values == (None,)
        shared = node.op != "fieldref" and node.field in _SHARED
        return nameless or shared or node.field in _DRY or None not in _dimensions(node)
    if isinstance(node, Not):
        return is_settled(node.node)
    return all(is_settled(part) for part in node.nodes)


def is_shared(field: Field) -> bool:
    """True when a field reads the same from all events with one meaning (see `kernel.meaning`)."""
    return _of_field(field) is not None or field.name in _SHARED


def is_clocked(field: Field) -> bool:
    """True when a field reads the same from all events that clocks show one quarter of a day for (`timing.steady`)."""
    return field.name in _CLOCKED


def is_timeless(node: Node, *, bodied: bool = False, queried: bool = False) -> bool:
    """True when a condition reads nothing that events of one shape have of their own (see `formats.shape`).

    That is also what bodies tell when they are `bodied`, and the query of the URI when they are `queried`.
    """
    names = fields_of(node)
    return "" not in names and not any(is_own(find(name), bodied=bodied, queried=queried) for name in names)


def is_own(field: Field, *, bodied: bool = False, queried: bool = False) -> bool:
    """True when a field reads something that events of one shape have of their own, as `is_timeless` says."""
    return (
        any(need.startswith(_OWN) for need in (field.name, *field.needs))
        or ((bodied or queried) and field.name in _DRY)
        or (bodied and _is_of_body(field))
        or (queried and field.name.startswith(_ASKED))
    )


def _reads_only(node: Node, apart: Callable[[Field], bool]) -> bool:
    """True when a condition reads fields that are `apart`, at least one, and beside them only the operation."""
    names = fields_of(node)
    fields = [find(name) for name in names if name]
    others = [field for field in fields if not apart(field)]
    return "" not in names and len(others) < len(fields) and all(field.dimension == "operation" for field in others)


def _is_of_body(field: Field) -> bool:
    return field.level != "Metadata"


def _is_noted(field: Field) -> bool:
    """True for what an event with a decision and no annotation but the usual ones does not have."""
    key = field.name.removeprefix("annotations.")
    return field.name in _NOTED or (key != field.name and key not in USUAL)


def fields_of(node: Node) -> set[str]:
    """The canonical names of the fields that a condition compares with values."""
    if isinstance(node, Term):
        named = node.field is not None and node.op != "fieldref"
        return {find(node.field or "").name} if named else {"", node.field or ""}
    if isinstance(node, Not):
        return fields_of(node.node)
    return set().union(*(fields_of(part) for part in node.nodes))


def _of_field(field: Field) -> Dimension | None:
    return "place" if field.name == _NAMESPACE.name else field.dimension
