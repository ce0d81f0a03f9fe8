"""Credentials in configmaps: the keys under which something stands that looks like one; the values are never told."""

import re
from collections.abc import Iterator
from typing import Final

from kwho.views import Look
from kwho.views.body import Concern, concerns, mapping, written_object

MOST: Final = 100
"""Keys that are told."""
LONGEST: Final = 1_048_576
"""Characters of one value that are looked at; the API server takes no more for a whole configmap."""

_CONFIGMAPS: Final = Concern(frozenset({"configmaps"}), frozenset({""}), frozenset({"ConfigMap"}))
_NAME: Final = (
    r"(?:pass(?:word|wd|phrase)|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|api[_-]?key|access[_-]?key[_-]?id"
    r"|private[_-]?key|auth[_-]?token)"
)
_REAL: Final = r"[^\s\"'${}<>%*,;]{8,}"
_KEY: Final = re.compile(rf"[\w.-]*{_NAME}", re.IGNORECASE | re.ASCII)
_LITERAL: Final = re.compile(rf"\s*{_REAL}\s*")
_CONTENT: Final = re.compile(
    rf"-----BEGIN [A-Z ]{{0,32}}PRIVATE KEY-----|\b(?:AKIA|ASIA)[0-9A-Z]{{16}}\b"
    rf"|{_NAME}[\"']?[ \t]{{0,4}}[:=][ \t]{{0,4}}[\"']?{_REAL}",
    re.IGNORECASE | re.ASCII,
)


def credentials(look: Look) -> tuple[str, ...]:
    """Keys of the written configmap whose value holds a private key, a cloud key, or a literal password."""
    if not concerns(look, _CONFIGMAPS):
        return ()
    return tuple(_keys(look))[:MOST]


def _keys(look: Look) -> Iterator[str]:
    for key, value in mapping(look.see(written_object), "data").items():
        if isinstance(value, str) and _holds(key, value[:LONGEST]):
            yield key


def _holds(key: str, value: str) -> bool:
    return bool(_CONTENT.search(value) or (_KEY.fullmatch(key[:256]) and _LITERAL.fullmatch(value[:4_096])))
