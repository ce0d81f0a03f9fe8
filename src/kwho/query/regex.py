"""Regular expressions of users, run by RE2: linear in the text, whatever the pattern."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2

from kwho.errors import InvalidQueryError

LONGEST: Final = 4_096
"""Characters a pattern may have."""

SHORT: Final = 256
"""Characters of a text whose answer is remembered: user agents and images come again and again."""
REMEMBERED: Final = 1_024
"""Texts remembered by pattern."""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=1_024)
def compile_regex(pattern: str) -> Callable[[str], bool]:
    """A test whether the pattern is found anywhere in a text; case counts unless the pattern says `(?i)`.

    Lone surrogates of the text are looked at as U+FFFD. Raises InvalidQueryError for a pattern RE2 refuses.
    """
    if len(pattern) > LONGEST:
        raise InvalidQueryError(f"regular expression of {len(pattern):,} characters; at most {LONGEST:,} are allowed")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        search = re2.compile(pattern, options).search
    except (re2.error, UnicodeEncodeError) as error:
        raise InvalidQueryError(f'regular expression "{pattern[:100]}" is refused: {_reason(error)}') from None

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:
            return search(_SURROGATES.sub("\ufffd", text)) is not None

    remembered = lru_cache(maxsize=REMEMBERED)(found)
    return lambda text: remembered(text) if len(text) <= SHORT else found(text)


def _reason(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode(errors="replace") if isinstance(told, bytes) else "it holds a lone surrogate"
