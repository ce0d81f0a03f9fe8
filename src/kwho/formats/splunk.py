"""Splunk: batches for the HTTP Event Collector, and exported search results."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Inner, Step
from kwho.formats.tree import Tree


class Splunk:
    """`{"event": …, "sourcetype": …}`, `{"result": {"_raw": …}}` and `{"_raw": …}`."""

    priority = 160
    formats = ("splunk-hec", "splunk-search-export")
    lists = frozenset({"results"})
    examples = (
        b'{"time":1,"host":"cp-0","sourcetype":"_json","event":{"auditID":"s1","stage":"ResponseComplete","verb":"get"}}'
        b'{"time":1,"host":"cp-0","event":"{\\"auditID\\":\\"s2\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}"}',
        b'{"preview":false,"result":{"_raw":"{\\"auditID\\":\\"s3\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}"}}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """What was sent to the collector, or found by a search."""
        if "_raw" in tree and (raw := tree.inner("_raw")) is not None:
            return (Inner(raw, Facts("splunk-search-export"), unescaped=True),)
        if "result" in tree and (result := tree.tree("result")) is not None and "_raw" in result:
            return (Inner(result.raw, Facts("splunk-search-export")),)
        if "event" in tree and (tree.members.keys() & {"sourcetype", "host", "index", "source", "time", "fields"}):
            event = tree.inner("event")
            if event is not None:
                return (Inner(event, Facts("splunk-hec"), tree.is_text("event")),)
        return None


FORMAT: Final = Splunk()
