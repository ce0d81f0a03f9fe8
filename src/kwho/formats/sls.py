"""Alibaba Cloud Simple Log Service: each field of the event a column, nested values as JSON in strings."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Candidate, Facts, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Tree

_MARKS: Final = frozenset({"__time__", "__topic__", "__source__"})


class Sls:
    """Rows with `__time__`, `__topic__` or `__source__`."""

    priority = 170
    formats = ("alibaba-sls",)
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"auditID":"b1","level":"Metadata","stage":"ResponseComplete","verb":"get","user":"{\\"username\\":\\"ada\\"}",'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z","__time__":"1772352000","__topic__":""}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """One row."""
        if not (_MARKS & tree.members.keys()) or not is_event(tree.members):
            return None
        members = {key: value for key, value in tree.members.items() if key not in ("timestamp", "metadata")}
        return (Candidate(members, tree.raw, Facts("alibaba-sls"), nested=True, repeated=tree.repeated),)


FORMAT: Final = Sls()
