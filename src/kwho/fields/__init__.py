"""The one table of fields: what rules, queries and the command line call the parts and meanings of an event.

Names are the API's own spelling, or the name of a derived view. A field of type `time` reads as the text of the event;
whoever compares it parses it (`schema.moment`). `None` and `()` mean absent.
"""

import difflib
from functools import lru_cache
from typing import Final

from kwho.errors import InvalidQueryError
from kwho.fields.bodies import BODIES
from kwho.fields.derived import DERIVED
from kwho.fields.dimensions import DECIDED
from kwho.fields.families import FAMILIES
from kwho.fields.field import Dimension, Family, Field, Level, Scalar, Type, Value
from kwho.fields.native import NATIVE
from kwho.fields.site import SITE

__all__ = ["FAMILIES", "FIELDS", "Dimension", "Family", "Field", "Level", "Scalar", "Type", "Value", "find"]

FIELDS: Final[tuple[Field, ...]] = (*DECIDED, *SITE, *NATIVE, *DERIVED, *BODIES)

LONGEST_NAME: Final = 1_000
"""Characters of a field name; a longer one is unknown."""

_BY_NAME: Final = {name: row for row in FIELDS for name in (row.name, *row.aliases)}


def find(name: str) -> Field:
    """The field of this exact name or alias; raises `InvalidQueryError`, with a suggestion, when there is none."""
    field = _BY_NAME.get(name)
    return field if field is not None else _find_open(name)


@lru_cache(maxsize=1_024)
def _find_open(name: str) -> Field:
    for family in FAMILIES:
        key = name.removeprefix(family.prefix)
        if key and key != name and len(name) <= LONGEST_NAME:
            return Field(name, "text", family.read(key), None, family.needs, family.level, family.doc)
    raise InvalidQueryError(f'unknown field "{name[:100]}"{_suggestion(name[:100])}')


def _suggestion(name: str) -> str:
    """A hint at the likeliest name: one spelled alike, else one with the same last part."""
    alike = difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.8)
    same_end = [known for known in _BY_NAME if known.rpartition(".")[2].lower() == name.lower()]
    found = alike or same_end or difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else "; the reference page of fields lists all names"
