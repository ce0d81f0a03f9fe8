"""The webhook backend's batches (`EventList`), which items without kind and apiVersion fill."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Inner, Step
from kwho.formats.tree import Tree


class Webhook:
    """An `EventList`, whatever stands beside its items."""

    priority = 100
    formats = ("webhook-eventlist",)
    lists = frozenset({"items"})
    examples = (
        b'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"level":"Metadata","auditID":"7b01",'
        b'"stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"ada"},'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z","stageTimestamp":"2026-03-01T08:00:00.000002Z"}]}',
    )

    def open(self, tree: Tree) -> Iterable[Step] | None:
        """The items of a list; of another kind they are looked at too, since lists lose their kind on the way."""
        items = tree.items("items")
        if items is None or "verb" in tree or "requestURI" in tree:
            return None
        facts = Facts("webhook-eventlist") if tree.text("kind") in ("EventList", None) else Facts()
        return (Inner(item, facts) for item in items)


FORMAT: Final = Webhook()
