"""Datadog: the event under `content.attributes`, beside attributes of its own."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Inner, Step
from kwho.formats.tree import Tree, elements, text_of

_TAG: Final = "kube_cluster_name:"


class Datadog:
    """A log of the Logs API, or the list of them under `data`."""

    priority = 190
    formats = ("datadog-log",)
    lists = frozenset({"logs"})
    examples = (
        b'{"id":"1","content":{"host":"cp-0","tags":["kube_cluster_name:shop"],"attributes":{"auditID":"d1","verb":"get",'
        b'"stage":"ResponseComplete","level":"Metadata","http":{"status_code":200},'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}}}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """One log, or an answer that lists them."""
        if "logs" in tree and (logs := tree.items("logs")) is not None:
            return (Inner(log) for log in logs)
        for key in ("content", "attributes"):
            content = tree.tree(key) if key in tree else None
            inner = content.inner("attributes") if content is not None else None
            if content is not None and inner is not None:
                return (Inner(inner, Facts("datadog-log", _cluster(content), content.text("host"))),)
        return None


def _cluster(content: Tree) -> str | None:
    tags = (text_of(tag) for tag in elements(bytes(content.members.get("tags", b""))) or ())
    return next((tag.removeprefix(_TAG) for tag in tags if tag is not None and tag.startswith(_TAG)), None)


FORMAT: Final = Datadog()
