"""Graylog and GELF: exports that hold the event twice, and the streams of OVHcloud's Logs Data Platform."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Candidate, Facts, Inner, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Tree, parse

_MARKS: Final = frozenset(
    {"gl2_message_id", "gl2_source_input", "gl2_source_node", "gl2_remote_ip", "gl2_receive_timestamp"}
)
_FOREIGN: Final = frozenset({"timestamp", "message", "metadata"})


class Graylog:
    """GELF: the event in `short_message` or `message`, which is exact, or at the top level, which may be rounded."""

    priority = 125
    formats = ("graylog-export", "gelf", "ovh-ldp")
    lists = frozenset({"messages"})
    examples = (
        b'{"gl2_message_id":"1","auditID":"l1","level":"Metadata","stage":"ResponseComplete","verb":"get","source":"cp-0",'
        b'"user":{"username":"ada"},"message":"{\\"auditID\\":\\"l1\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}"}',
        b'{"version":"1.1","host":"mks","short_message":"{\\"auditID\\":\\"l2\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":'
        b'\\"get\\"}"}',
        b'{"message":"{\\"host\\":\\"mks\\",\\"_appID\\":\\"kubernetes\\",\\"short_message\\":\\"{\\\\\\"auditID\\\\\\":\\\\\\"l3'
        b'\\\\\\",\\\\\\"stage\\\\\\":\\\\\\"ResponseComplete\\\\\\",\\\\\\"verb\\\\\\":\\\\\\"get\\\\\\"}\\"}"}',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """One message, or the list of a search result."""
        if "messages" in tree and (messages := tree.items("messages")) is not None:
            return (Inner(message) for message in messages)
        if _MARKS & tree.members.keys():
            return _export(tree)
        if "short_message" in tree and (inner := tree.inner("short_message")) is not None:
            slug = "ovh-ldp" if "_appID" in tree else "gelf"
            return (Inner(inner, Facts(slug, instance=tree.text("host")), unescaped=True),)
        if tree.members.keys() == {"message"} and (inner := tree.inner("message")) is not None:
            envelope = parse(inner)
            if envelope is not None and "short_message" in envelope:
                return (Inner(inner, unescaped=True),)
        return None


def _export(tree: Tree) -> Iterable[Step] | None:
    facts = Facts("graylog-export", None, tree.text("hostname") or tree.text("source"))
    inner = tree.inner("message") or tree.inner("full_message")
    if inner is not None and (whole := parse(inner)) is not None and is_event(whole.members):
        return (Inner(inner, facts, unescaped=True),)
    if is_event(tree.members):
        members = {key: value for key, value in tree.members.items() if key not in _FOREIGN}
        return (Candidate(members, tree.raw, facts, plain=True, repeated=tree.repeated),)
    return None if inner is None else (Inner(inner, facts, unescaped=True),)


FORMAT: Final = Graylog()
