"""What one term asks of the value of one field, with everything that can be known before the event precomputed."""

import ipaddress
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from kwho.fields import Value
from kwho.query.ast import Scalar, Term
from kwho.query.fit import number_of, spell
from kwho.query.pattern import fold, literal_of, matcher
from kwho.query.regex import compile_regex
from kwho.schema.moment import format_moment, parse_moment

Hit = Callable[[Scalar], bool]
"""Whether one element, never None, is what the term asks for."""
Test = Callable[[Value], bool]
"""Whether the whole value of a field satisfies the term."""

_ORDER: Final = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
_LATEST_MOMENT: Final = 253_402_300_800_000_000  # year 10000, the end of what a date can spell


def value_test(term: Term, kind: str) -> Test:
    """A test of the value of a field of type `kind`; None and empty lists are absent, a list needs one element."""
    if term.op == "exists":
        wanted = bool(term.values[0]) if term.values else True
        return lambda value: (value not in (None, (), [])) is wanted
    if term.every:
        tests = [_any_element(element_hit(term, kind, (value,)), value is None) for value in term.values]
        return lambda value: all(test(value) for test in tests)
    if term.op == "equals" and kind in ("text", "boolean"):
        quick = _exact_text(term) if kind == "text" else _exact_flag(term)
        if quick is not None:
            return quick
    return _any_element(element_hit(term, kind, term.values), term.op == "equals" and None in term.values)


def _exact_text(term: Term) -> Test | None:
    """The commonest test of all, in one step: text without wildcards; None when the term asks for anything else."""
    literals = [literal_of(value) for value in term.values if isinstance(value, str)]
    plain = frozenset(literal if term.cased else fold(literal) for literal in literals if literal is not None)
    if None in literals or len(literals) != len(term.values):
        return None
    longest = max(map(len, plain), default=-1)
    hit = element_hit(term, "text", term.values)

    def several(value: Value) -> bool:
        return value is not None and any(element is not None and hit(element) for element in _elements(value))

    def exact(value: Value) -> bool:
        return value in plain if isinstance(value, str) else several(value)

    def folded(value: Value) -> bool:
        if isinstance(value, str):
            return len(value) <= longest and (value in plain or fold(value) in plain)
        return several(value)

    return exact if term.cased else folded


def _exact_flag(term: Term) -> Test | None:
    """A test of a single boolean; None when the term also asks for absence or a wildcard."""
    if len(term.values) != 1 or not isinstance(term.values[0], bool):
        return None
    wanted = term.values[0]
    return lambda value: any(element is wanted for element in _elements(value))


def _elements(value: Value) -> Sequence[Scalar]:
    return value if isinstance(value, tuple | list) else (value,)


def element_hit(term: Term, kind: str, values: Sequence[Scalar]) -> Hit:
    """A test of one element against alternatives, by the operator of the term."""
    wanted = [value for value in values if value is not None]
    if term.op in _ORDER:
        return _ordered(term.op, wanted, kind)
    if term.op == "cidr":
        return _within(wanted)
    if term.op == "re":
        found = [compile_regex(str(value)) for value in wanted]
        return lambda element: any(test(_spelled(element, kind)) for test in found)
    if term.op == "equals":
        return _equals(wanted, kind, cased=term.cased)
    return _partial(term.op, [str(value) for value in wanted], kind, cased=term.cased)


@lru_cache(maxsize=4_096)
def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address a text spells, IPv4 within IPv6 as IPv4; None for anything else."""
    if len(text) > 64:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


_LISTS: Final = (tuple, list)


def _any_element(hit: Hit, null: bool) -> Test:
    def test(value: Value) -> bool:
        if value is None:
            return null
        if not isinstance(value, _LISTS):
            return hit(value)
        for element in value:
            if null if element is None else hit(element):
                return True
        return null and not value

    return test


def _equals(values: Sequence[Scalar], kind: str, *, cased: bool) -> Hit:
    texts = [value for value in values if isinstance(value, str)]
    if kind in ("integer", "boolean", "time"):
        return _exactly([value for value in values if not isinstance(value, str)], texts, kind)
    if kind == "address":
        return _address(texts, cased=cased)
    return _text_equals(texts, kind, cased=cased)


def _exactly(values: Sequence[Scalar], texts: Sequence[str], kind: str) -> Hit:
    plain = frozenset(value for value in values if not isinstance(value, bool))
    flags = frozenset(value for value in values if isinstance(value, bool))
    textual = _text_equals(texts, kind, cased=False) if texts else None

    def hit(element: Scalar) -> bool:
        if isinstance(element, bool):
            return element in flags or (textual is not None and textual(element))
        moment = parse_moment(element) if kind == "time" and isinstance(element, str) else element
        return moment in plain or (textual is not None and textual(element))

    return hit


def _text_equals(texts: Sequence[str], kind: str, *, cased: bool) -> Hit:
    plain = {literal if cased else fold(literal) for text in texts if (literal := literal_of(text)) is not None}
    globs = [matcher(text, cased=cased) for text in texts if literal_of(text) is None]
    longest = max(map(len, plain), default=-1)

    def hit(element: Scalar) -> bool:
        text = element if isinstance(element, str) else _spelled(element, kind)
        if not globs and len(text) > longest:  # folding never shortens
            return False
        if not cased:
            text = fold(text)
        return text in plain or any(glob(text) for glob in globs)

    return hit


def _address(texts: Sequence[str], *, cased: bool) -> Hit:
    textual = _text_equals(texts, "text", cased=cased)
    addresses = {address for text in texts if (address := address_of(text)) is not None}
    if not addresses:
        return textual
    return lambda element: textual(element) or address_of(spell(element)) in addresses


def _partial(op: str, values: Sequence[str], kind: str, *, cased: bool) -> Hit:
    wanted = tuple(values if cased else map(fold, values))
    fits: Callable[[str], bool]
    if op == "contains":
        only = wanted[0] if len(wanted) == 1 else None
        fits = only_in(only) if only is not None else (lambda text: any(part in text for part in wanted))
    elif op == "startswith":
        fits = lambda text: text.startswith(wanted)  # noqa: E731  one closure for each operator
    else:
        fits = lambda text: text.endswith(wanted)  # noqa: E731  one closure for each operator
    if cased:
        return lambda element: fits(element if isinstance(element, str) else _spelled(element, kind))
    return lambda element: fits(fold(element if isinstance(element, str) else _spelled(element, kind)))


def only_in(part: str) -> Callable[[str], bool]:
    """A test whether a text contains `part`."""
    return lambda text: part in text


def _ordered(op: str, values: Sequence[Scalar], kind: str) -> Hit:
    compare = _ORDER[op]
    bounds = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]

    def hit(element: Scalar) -> bool:
        number = _number(element, kind)
        return number is not None and any(compare(number, bound) for bound in bounds)

    return hit


def _within(values: Sequence[Scalar]) -> Hit:
    networks = [ipaddress.ip_network(str(value), strict=False) for value in values]

    def hit(element: Scalar) -> bool:
        address = address_of(element) if isinstance(element, str) else None
        return address is not None and any(address in network for network in networks)

    return hit


def _number(element: Scalar, kind: str) -> int | float | None:
    if isinstance(element, bool) or element is None:
        return None
    if isinstance(element, str):
        return parse_moment(element) if kind == "time" else number_of(element)
    return element


def _spelled(element: Scalar, kind: str) -> str:
    if isinstance(element, str):
        return element
    if kind == "time" and isinstance(element, int) and 0 <= element < _LATEST_MOMENT:
        return format_moment(element)
    return spell(element)
