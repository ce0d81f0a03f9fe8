"""The last resort for text lines: an audit event behind a prefix that nobody here knows."""

from typing import Final

from kwho.formats import Facts, Inner, Step

_REACH: Final = 4_096
"""Bytes of a line in which the event must begin."""
_SIGNS: Final = (b'"auditID"', b'"AuditId"', b'auditID\\"', b'"protoPayload"')


class Prefix:
    """Anything, then JSON that mentions an audit ID."""

    priority = 900
    formats = ("generic-prefix",)
    lists: frozenset[str] = frozenset()
    examples = (b'audit> {"auditID":"q1","stage":"ResponseComplete","verb":"get","level":"Metadata"}\n',)

    def strip(self, line: bytes, /) -> Step | None:
        """From the first `{"` on."""
        begin = line.find(b'{"', 0, _REACH)
        if begin < 1 or not any(sign in line for sign in _SIGNS):
            return None
        return Inner(line[begin:], Facts("generic-prefix"))


FORMAT: Final = Prefix()
