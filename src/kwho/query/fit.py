"""A value fitted to the type of its field: the comparison that can hold, or the reason why it never can."""

import ipaddress
import re
from typing import Final

from kwho import fields
from kwho.errors import InvalidQueryError
from kwho.query.ast import Operator, Scalar
from kwho.query.pattern import literal_of
from kwho.query.regex import compile_regex
from kwho.schema.moment import parse_moment

COMPARISONS: Final = ("lt", "lte", "gt", "gte")
NUMBER: Final = re.compile(r"[-+]?\d{1,18}(\.\d{1,18})?", re.ASCII)

_DIGITS: Final = re.compile(r"[-+]?[\d?*]{1,20}", re.ASCII)


def fit(field: fields.Field | None, op: Operator, value: Scalar) -> Scalar:
    """`value` as a term on `field` holds it; `field` None is a bare word.

    Raises InvalidQueryError when no value of the field can satisfy the comparison.
    """
    if op == "exists":
        return _flag(value)
    if op == "fieldref":
        return fields.find(_text(value)).name
    if op == "re":
        compile_regex(_text(value))
        return value
    if op == "cidr":
        return _network(_text(value))
    if op in COMPARISONS:
        return _comparable(field, value)
    return _equal(field, op, value)


def number_of(text: str) -> int | float | None:
    """The number a text spells in decimal, or None."""
    if not NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def spell(value: Scalar) -> str:
    """A scalar as text: what JSON would write, text without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int) and value.bit_length() > 10_000:
        return hex(value)  # decimal of longer numbers is refused by the interpreter
    return str(value)


def _text(value: Scalar) -> str:
    if not isinstance(value, str):
        raise InvalidQueryError(f"text is needed here, not {spell(value)}")
    return value


def _flag(value: Scalar) -> bool:
    if not isinstance(value, bool):
        raise InvalidQueryError(f'"exists" takes true or false, not "{spell(value)}"')
    return value


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise InvalidQueryError(f'"{text}" is no address range; write it as 10.0.0.0/8 or 2001:db8::/32') from None


def _comparable(field: fields.Field | None, value: Scalar) -> int | float:
    if field is None or field.type in ("boolean", "address"):
        raise InvalidQueryError(f"{_name(field)} has no order; use an integer or a time field with < <= > >=")
    if isinstance(value, str):
        moment = parse_moment(value) if field.type == "time" else None
        number = moment if moment is not None else number_of(value)
    else:
        number = None if isinstance(value, bool) else value
    if number is None:
        raise InvalidQueryError(f'{_name(field)} is compared with a number, "{spell(value)}" is none')
    return number


def _equal(field: fields.Field | None, op: Operator, value: Scalar) -> Scalar:
    if value is None:
        if field is None or op != "equals":
            raise InvalidQueryError("null needs a field and no modifier but cased")
        return None
    if field is None or field.type in ("text", "address"):
        return spell(value)
    if field.type == "time":
        return _time(op, value)
    return _integer(field, op, value) if field.type == "integer" else _boolean(field, op, value)


def _time(op: Operator, value: Scalar) -> Scalar:
    if isinstance(value, str) and op == "equals":
        moment = parse_moment(value)
        return value if moment is None else moment
    return value if isinstance(value, int | float) and op == "equals" else spell(value)


def _integer(field: fields.Field, op: Operator, value: Scalar) -> Scalar:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if op == "equals" else spell(value)
    text = spell(value)
    if not _DIGITS.fullmatch(text) and (literal_of(text) is not None or set(text) - set("0123456789+-*?")):
        raise InvalidQueryError(f'{_name(field)} is an integer and never equals "{text}"')
    number = number_of(text) if op == "equals" else None
    return text if number is None else int(number)


def _boolean(field: fields.Field, op: Operator, value: Scalar) -> Scalar:
    text = spell(value).lower()
    if op == "equals" and text in ("true", "false"):
        return text == "true"
    if op == "equals" and text == "*":
        return text
    raise InvalidQueryError(f'{_name(field)} is true or false and never "{spell(value)}"')


def _name(field: fields.Field | None) -> str:
    return "a word without a field" if field is None else f'"{field.name}"'
