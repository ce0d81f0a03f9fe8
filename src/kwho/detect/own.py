"""The correlation types that are kwho's own, beside those of Sigma: their keys, and the Sigma form that is checked."""

from typing import Any, Final, NamedTuple, get_args

from kwho.detect.document import Document
from kwho.detect.rule import Fact, Kind
from kwho.errors import InvalidQueryError
from kwho.fields import find

SIGMA: Final[tuple[Kind, ...]] = ("event_count", "value_count", "temporal", "temporal_ordered")
OWN: Final[dict[Kind, tuple[str, ...]]] = {
    "new_value": ("fields", "learning"),
    "returning_value": ("fields", "absence"),
    "trail": ("fact",),
}
"""The keys that each type of our own requires, beside `type`."""
EVERY: Final = "every"
"""The key of counts by which each of its rules must have matched."""

_SHARED: Final = ("rules", "group-by", "aliases", "generate")


class Extra(NamedTuple):
    """What Sigma has no words for."""

    combination: tuple[str, ...] = ()
    every: bool = False
    at_least: int = 0
    fact: Fact | None = None


def as_sigma(document: Document, raw: dict[str, Any]) -> dict[str, Any]:
    """The section `correlation` as Sigma could have it; raises InvalidRuleError for keys that do not belong to it."""
    own = next((kind for kind in OWN if kind == raw.get("type")), None)
    if own is None:
        return {key: value for key, value in raw.items() if key != EVERY}
    allowed = ("type", *OWN[own], *(() if own == "trail" else _SHARED))
    for key in raw:
        if key not in allowed:
            raise document.refuse(f'{own} has no "{key}"; it has {", ".join(allowed)}', "correlation", key)
    for key in OWN[own]:
        if key not in raw:
            raise document.refuse(f'{own} lacks "{key}"', "correlation")
    shared: dict[str, Any] = {key: raw[key] for key in _SHARED if key in raw}
    span = raw.get("learning") or raw.get("absence") or "1s"
    return {"rules": [], **shared, "type": "event_count", "timespan": span, "condition": {"gte": 1}}


def read_extra(document: Document, raw: dict[str, Any], kind: Kind) -> Extra:
    """What a correlation of this type says beyond Sigma; raises InvalidRuleError."""
    if kind == "trail":
        return Extra(fact=_fact(document, raw))
    if kind in OWN:
        return Extra(combination=_combination(document, raw))
    every = raw.get(EVERY, False)
    if not isinstance(every, bool) or (every and kind.startswith("temporal")):
        raise document.refuse("every is true or false, and for counts only", "correlation", EVERY)
    return Extra(every=every, at_least=_at_least(document, raw) if kind == "temporal" else 0)


def _fact(document: Document, raw: dict[str, Any]) -> Fact:
    known: tuple[Fact, ...] = get_args(Fact)
    found = next((fact for fact in known if fact == raw["fact"]), None)
    if found is None:
        raise document.refuse(f"a fact of the trail is one of {', '.join(known)}", "correlation", "fact")
    return found


def _combination(document: Document, raw: dict[str, Any]) -> tuple[str, ...]:
    written = raw["fields"]
    names = [written] if isinstance(written, str) else written
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise document.refuse("fields is the name of a field, or a list of names", "correlation", "fields")
    try:
        return tuple(find(name).name for name in names)
    except InvalidQueryError as error:
        raise document.refuse(str(error), "correlation", "fields") from None


def _at_least(document: Document, raw: dict[str, Any]) -> int:
    condition = raw.get("condition")
    if condition is None or isinstance(condition, str):
        return 0  # a condition in words is refused where all conditions are read
    count, rules = (condition.get("gte") if isinstance(condition, dict) else None), raw.get("rules")
    if not isinstance(count, int) or not isinstance(rules, list) or not 1 <= count <= len(rules) or len(condition) > 1:
        raise document.refuse("temporal counts its rules: gte, from 1 to their number", "correlation", "condition")
    return count
