"""One JSON object whose members stay undecoded until somebody asks for them."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from kwho.formats import scan

Json = bytes | msgspec.Raw
"""The text of one JSON value."""

FAILURES: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec throws at bytes it cannot take; how deep it can go differs between versions of Python."""

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_BLANKS: Final = b" \t\r\n"

LONG: Final = 1 << 20
"""Bytes of a list beyond which its elements are not held all at once."""


class Tree:
    """A JSON object: `members` maps keys to the text of their values, `raw` is the text of the whole.

    `repeated` names keys that stood there more than once (the last one counts); only the slow way notices them.
    """

    __slots__ = ("members", "raw", "repeated")

    def __init__(self, raw: bytes, members: Mapping[str, Json], repeated: tuple[str, ...] = ()) -> None:
        self.raw = raw
        self.members = members
        self.repeated = repeated

    def __contains__(self, key: str) -> bool:
        return key in self.members

    def text(self, key: str) -> str | None:
        """The member as text, mended where broken; None when it is absent or no string."""
        value = self.members.get(key)
        return None if value is None else text_of(value)

    def is_text(self, key: str) -> bool:
        """True when the member is a string."""
        return bytes(self.members.get(key, b""))[:1] == b'"'

    def inner(self, key: str) -> bytes | None:
        """What the member holds: the content of a string, or the text of an object or list; None when neither."""
        value = self.members.get(key)
        if value is None:
            return None
        data = bytes(value)
        if data[:1] in (b"{", b"["):
            return data
        content = text_of(data)
        return None if content is None else content.encode()

    def tree(self, key: str) -> "Tree | None":
        """The member as an object; None when it is absent or no object."""
        value = self.members.get(key)
        return None if value is None else parse(bytes(value))

    def items(self, key: str) -> Iterable[bytes] | None:
        """The elements of the member, to be gone through once; None when it is absent or no list."""
        value = self.members.get(key)
        return None if value is None else _each(bytes(value))

    def trees(self, key: str) -> "list[Tree]":
        """The objects in the list that the member is; empty when it is absent or no list."""
        return [tree for item in self.items(key) or () if (tree := parse(item)) is not None]

    def path(self, *keys: str) -> str | None:
        """The text under a chain of keys; None when it breaks off."""
        node: Tree | None = self
        for key in keys[:-1]:
            node = node.tree(key) if node is not None else None
        return node.text(keys[-1]) if node is not None else None


def parse(data: bytes) -> Tree | None:
    """The object that `data` is; None when it is none, or not whole and alone."""
    if data.lstrip(_BLANKS)[:1] != b"{":
        return None
    try:
        return Tree(data, _OBJECT.decode(data))
    except FAILURES:
        cuts = scan.cut(data)
    if cuts is None:
        return None
    found: dict[str, Json] = {}
    repeated: list[str] = []
    for key, value in cuts:
        assert key is not None
        if key in found:
            repeated.append(key)
        found[key] = value
    return Tree(data, found, tuple(repeated))


def elements(data: bytes) -> list[bytes] | None:
    """The elements of the array that `data` is; None when it is none, or not whole and alone."""
    if data.lstrip(_BLANKS)[:1] != b"[":
        return None
    try:
        return [bytes(item) for item in _LIST.decode(data)]
    except FAILURES:
        cuts = scan.cut(data)
    return None if cuts is None else [value for _, value in cuts]


def load(data: bytes) -> Tree | Iterable[bytes] | None:
    """The object or the elements of the list that `data` is, to be gone through once; None when it is neither.

    It is whole and alone. Of scalars in a row a long list may give the first only.
    """
    tree = parse(data)
    return _each(data) if tree is None else tree


def _each(data: bytes) -> Iterable[bytes] | None:
    """The elements of a list; those of a long one are found one by one, since millions of them are not to be held."""
    if len(data) <= LONG:
        return elements(data)
    try:
        sound = data.lstrip(_BLANKS)[:1] == b"[" and bool(_RAW.decode(data))
    except FAILURES:
        return elements(data)
    return scan.walk(data) if sound else None


def text_of(value: Json) -> str | None:
    """The text of a JSON string, mended where it is broken; None when the value is no string."""
    try:
        return _TEXT.decode(value)
    except FAILURES:
        data = bytes(value).strip(_BLANKS)
        return scan.text(data) if data[:1] == b'"' else None
