"""Container runtimes: CRI log lines and Docker's json-file, both of which cut long lines into pieces."""

import re
from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Piece, Step
from kwho.formats.tree import Tree, load

_CRI: Final = re.compile(
    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP])(?::\S*)? ?"
)
_DOCKER: Final = frozenset({"log", "stream", "time", "attrs"})


class Containers:
    """`<time> <stream> F|P <text>` and `{"log","stream","time"}`."""

    priority = 200
    formats = ("cri-log", "docker-json-file")
    lists: frozenset[str] = frozenset()
    examples = (
        b'2026-03-01T08:00:00.000000001Z stdout P {"level":"Metadata","auditID":"c1","stage":"ResponseComplete","ver\n'
        b'2026-03-01T08:00:00.000000001Z stdout F b":"get","requestURI":"/version","user":{"username":"ada"},'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'{"log":"{\\"level\\":\\"Metadata\\",\\"auditID\\":\\"c2\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\",'
        b'\\"user\\":{\\"username\\":\\"ada\\"}}\\n","stream":"stdout","time":"2026-03-01T08:00:00.000000001Z"}\n',
    )

    def strip(self, line: bytes) -> Step | None:
        """A CRI line; a tag of `P` says that the next line of the stream goes on."""
        head = _CRI.match(line)
        if head is None:
            return None
        return Piece(head.group(1).decode(), line[head.end() :], head.group(2) == b"F", Facts("cri-log"))

    def open(self, tree: Tree) -> Iterable[Step] | None:
        """A json-file record; its text ends in a newline unless the line was cut or a copy lost it."""
        if not ({"log", "stream"} <= tree.members.keys() <= _DOCKER):
            return None
        content = tree.text("log")
        if content is None:
            return None
        data = content.encode()
        final = data.endswith(b"\n") or load(data) is not None
        return (Piece(tree.text("stream") or "", data, final, Facts("docker-json-file")),)


FORMAT: Final = Containers()
