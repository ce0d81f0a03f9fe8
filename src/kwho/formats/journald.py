"""The systemd journal as JSON (`journalctl -o json`)."""

from collections.abc import Iterable
from typing import Final

import msgspec

from kwho.formats import Facts, Inner, Refusal, Step
from kwho.formats.tree import FAILURES, Tree

_BYTES: Final = msgspec.json.Decoder(list[int])


class Journald:
    """`MESSAGE` as text, or as a list of byte values when it is no clean text; null when it was too long."""

    priority = 510
    formats = ("journald-json",)
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"__REALTIME_TIMESTAMP":"1772352000000000","_HOSTNAME":"cp-0","MESSAGE":"{\\"auditID\\":\\"j1\\",\\"verb\\":\\"get\\",'
        b'\\"stage\\":\\"ResponseComplete\\"}"}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """One entry."""
        value = tree.members.get("MESSAGE")
        if value is None:
            return None
        facts = Facts("journald-json", instance=tree.text("_HOSTNAME"))
        data = bytes(value)
        if data == b"null":
            return (Refusal("journal message left out for its length", "truncated", tree.raw, facts),)
        if data[:1] == b"[":
            return (_from_bytes(data, facts),)
        inner = tree.inner("MESSAGE")
        return None if inner is None else (Inner(inner, facts, unescaped=True),)


def _from_bytes(data: bytes, facts: Facts) -> Step:
    try:
        return Inner(bytes(_BYTES.decode(data)), facts, unescaped=True)
    except (*FAILURES, ValueError):
        return Refusal("journal message that is no list of bytes", "malformed", data, facts)


FORMAT: Final = Journald()
