"""Lists of addresses as people publish them: one address or network a line, with remarks and columns beside."""

import re
from ipaddress import ip_network
from typing import Final

LONGEST_LINE: Final = 1_000
"""Characters of one line; a longer one holds no address."""

_REMARK: Final = re.compile(r"[#;].*")
_BETWEEN: Final = re.compile(r"[\s,]+")
_TOR: Final = "ExitAddress"
_TOR_OTHERS: Final = ("ExitNode", "Published", "LastStatus")
"""The words that begin lines of the exit list of the Tor project."""


def read_addresses(text: str) -> tuple[list[str], list[int]]:
    """The addresses and networks of a list, each once and in order, and the numbers of the lines that hold none.

    Of each line the first word counts, behind `ExitAddress` the second. Empty lines and remarks (# and ;) say nothing.
    """
    found: dict[str, None] = {}
    strange: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = _REMARK.sub("", line).strip() if len(line) <= LONGEST_LINE else "?"
        words = _BETWEEN.split(bare)
        word = words[1] if words[0] == _TOR and len(words) > 1 else words[0]
        if not word or word in _TOR_OTHERS:
            continue
        if is_network(word):
            found[word] = None
        else:
            strange.append(number)
    return list(found), strange


def is_network(text: str) -> bool:
    """True for an address or a network in CIDR notation."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
