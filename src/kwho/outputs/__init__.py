"""Documents to bytes: an open set, one file per format; this page holds what the members share.

A member is a module of this folder with one public class of the same name (`jsonl.py` holds `Jsonl`). It renders a
scan; where it makes sense it also converts events (`Converter`). Members never import each other.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from ipaddress import ip_address
from pkgutil import iter_modules
from typing import ClassVar, Final, Protocol, cast, runtime_checkable

import msgspec

from kwho.reports.mask import sound
from kwho.reports.scan import ScanDocument
from kwho.schema.event import Event
from kwho.schema.finding import written
from kwho.schema.record import Context


class Output(Protocol):
    """How a scan becomes bytes. `check` raises `MissingExtraError` before any reading starts."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """File name endings that mean this format, such as `.html`."""
    binary: ClassVar[bool]
    """True when the bytes must not be written to a terminal."""

    def check(self) -> None:
        """Raise `kwho.errors.MissingExtraError` when what the format needs is not installed."""
        ...

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The scan in this format, piece by piece."""
        ...


@runtime_checkable
class Converter(Protocol):
    """How a stream of events becomes bytes; memory is bounded by a batch of the format's own."""

    def check(self) -> None:
        """Raise `kwho.errors.MissingExtraError` when what the format needs is not installed."""
        ...

    def convert(self, records: Iterable[tuple[Event, Context]]) -> Iterator[bytes]:
        """The events in this format, piece by piece."""
        ...


@cache
def names() -> tuple[str, ...]:
    """The formats there are, in order of name, found by listing this folder."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def converters() -> tuple[str, ...]:
    """The formats that also convert events."""
    return tuple(name for name in names() if isinstance(output(name), Converter))


def output(name: str) -> Output:
    """The format of this name; `ValueError` names the formats there are."""
    if name not in names():
        raise ValueError(f'unknown format "{name}"; there are {", ".join(names())}')
    return cast("Output", getattr(import_module(f"{__name__}.{name}"), name.capitalize())())


def converter(name: str) -> Converter:
    """The format of this name for events; `ValueError` names the formats there are."""
    if name not in converters():
        raise ValueError(f'events cannot be converted to "{name}"; there are {", ".join(converters())}')
    return cast("Converter", output(name))


LONGEST_ADDRESS: Final = 64

_ENCODER: Final = msgspec.json.Encoder(order="deterministic", enc_hook=written)
_ASCII: Final = bytes(range(0x7F))
"""What needs no look: without it a text is short, and the characters beyond are as whole as before."""
_UNSEEN: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
)


def json_bytes(value: object) -> bytes:
    """JSON on one line with steady key order; what a terminal would obey or hide is written as an escape.

    DEL, C1 controls, bidirectional controls, zero-width characters and line separators stand as `\\u….`, which means
    the same to every JSON parser. A lone surrogate is spelled out in letters, since no JSON in UTF-8 can hold it.
    """
    try:
        text = _ENCODER.encode(value)
    except UnicodeEncodeError:
        text = _ENCODER.encode(sound(value))
    if text.isascii() and b"\x7f" not in text:
        return text
    return _UNSEEN.sub(_escaped, text) if _UNSEEN.search(text.translate(None, _ASCII)) else text


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match[0].decode("utf-8"))


def json_body(raw: msgspec.Raw) -> msgspec.Raw | str | None:
    """A body of an event as JSON on one line; text when it is not valid JSON, None when there is no body."""
    data = bytes(raw)
    if not data:
        return None
    try:
        msgspec.json.decode(data)
        data.decode("utf-8")
        return msgspec.Raw(msgspec.json.format(data, indent=-1))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return data.decode("utf-8", "backslashreplace")


def pruned(value: dict[str, object]) -> dict[str, object]:
    """The mapping, and mappings in it, without members that are None or hold nothing; zero, false and "" stay."""
    kept: dict[str, object] = {}
    for key, item in value.items():
        told = pruned(item) if isinstance(item, dict) else item
        if told is not None and (told or not isinstance(told, (dict, list, tuple))):
            kept[key] = told
    return kept


def is_address(text: str | None) -> bool:
    """True for an IP address, which typed schemas demand; anything else goes where text may stand."""
    return bool(text) and text is not None and len(text) <= LONGEST_ADDRESS and "%" not in text and _parses(text)


@lru_cache(maxsize=4096)
def _parses(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
