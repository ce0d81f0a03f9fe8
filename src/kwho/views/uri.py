"""The request URI as the API server reads it: Go's `net/url` rules, without errors."""

import re
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from kwho.views import Look

MAX_PAIRS: Final = 10_000
"""Pairs of a query string that are read."""

_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PROXIED: Final[dict[tuple[str, ...], int]] = {("api", "v1", "nodes"): 4, ("api", "v1", "namespaces"): 6}
_PROXIES: Final = frozenset({"pods", "services"})


def path(look: Look) -> str | None:
    """The path, percent-decoded; None without a URI."""
    uri = look.event.requestURI
    return None if uri is None else unquote(_split(uri)[0], errors="replace")


def query(look: Look) -> dict[str, tuple[str, ...]]:
    """The decoded query: every key with its values in order. What the server ignores (`%zz`, `;`) is left out."""
    raw = _split(look.event.requestURI or "")[1]
    found: dict[str, list[str]] = {}
    for pair in raw.split("&", MAX_PAIRS)[:MAX_PAIRS]:
        if not pair or ";" in pair or _BAD_ESCAPE.search(pair):
            continue
        key, _, value = pair.partition("=")
        found.setdefault(_decode(key), []).append(_decode(value))
    return {key: tuple(values) for key, values in found.items()}


def query_values(look: Look, key: str) -> tuple[str, ...]:
    """The decoded values of one query key."""
    return look.see(query).get(key, ())


def proxied_path(look: Look) -> str | None:
    """The decoded path behind `/proxy/` of a node, pod or service, without leading slashes; None when not proxied."""
    decoded = look.see(path)
    segments = decoded.removeprefix("/").split("/", 7) if decoded else []
    place = _PROXIED.get(tuple(segments[:3]))
    if place is None or len(segments) <= place or segments[place] != "proxy":
        return None
    if place == 6 and segments[4] not in _PROXIES:
        return None
    return "/".join(segments[place + 1 :]).lstrip("/")


def _split(uri: str) -> tuple[str, str]:
    head, _, raw = uri.partition("?")
    if not head.startswith("/") and "://" in head:
        head = "/" + head.partition("://")[2].partition("/")[2]
    return head, raw


def _decode(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
