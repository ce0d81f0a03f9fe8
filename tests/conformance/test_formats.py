"""Every format meets this suite by being there: its own examples are the proof."""

import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kwho.formats import Format, LineFormat, ObjectFormat, members
from kwho.formats.native import encode
from kwho.formats.reader import Reader
from kwho.formats.tree import parse
from kwho.schema.record import Record, Rejected

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = [(member, example) for member in members() for example in member.examples]
JUNK: tuple[Any, ...] = (1, None, "x", [], [1], {}, {"a": 1}, [{}], [[]])


def read(data: bytes) -> list[Record | Rejected]:
    reader = Reader(io.BytesIO(data).readline)
    found = list(reader)
    assert reader.offset == len(data)
    return found


def name(value: object) -> str:
    return type(value).__name__ if not isinstance(value, bytes) else value[:20].decode("ascii", "replace")


def folder(part: str) -> Path:
    root = os.environ.get("KWHO_EXAMPLES")
    if not root or not Path(root, part).is_dir():
        pytest.skip("no example files")
    return Path(root, part)


@pytest.mark.parametrize("member", members(), ids=name)
def test_a_member_says_what_it_is(member: Format) -> None:
    assert type(member).__doc__
    assert type(member).__name__.lower() == type(member).__module__.rpartition(".")[2]
    assert member.formats
    assert member.examples


@pytest.mark.parametrize(("member", "example"), EXAMPLES, ids=name)
def test_an_example_is_read_without_damage_and_under_a_name_of_its_member(member: Format, example: bytes) -> None:
    found = read(example)
    assert found
    for record in found:
        if isinstance(record, Record):
            assert record.context.format in {*member.formats, "native-log"}
            assert record.damaged == ()
        else:
            assert record.kind == "filtered"


@pytest.mark.parametrize("member", members(), ids=name)
def test_every_format_id_but_plain_ones_is_shown_by_an_example(member: Format) -> None:
    found = [record for example in member.examples for record in read(example)]
    shown = {record.context.format if isinstance(record, Record) else record.format for record in found}
    assert shown & set(member.formats) or member.priority < 100


@pytest.mark.parametrize(("member", "example"), EXAMPLES, ids=name)
def test_an_example_with_other_line_ends_and_a_mark_gives_the_same_events(member: Format, example: bytes) -> None:
    def seen(data: bytes) -> list[Any]:
        return [(record.event, record.context) for record in read(data) if isinstance(record, Record)]

    assert seen(b"\xef\xbb\xbf" + example.replace(b"\n", b"\r\n") + b"\r\n") == seen(example)


@pytest.mark.parametrize("member", members(), ids=name)
def test_a_member_passes_over_what_is_not_its_own(member: Format) -> None:
    empty = parse(b'{"nothing":1}')
    assert empty is not None
    assert isinstance(member, LineFormat | ObjectFormat)
    if isinstance(member, ObjectFormat):
        assert member.open(empty) is None
    if isinstance(member, LineFormat):
        assert member.strip(b"nothing to see") is None


@pytest.mark.parametrize("member", members(), ids=name)
def test_wrong_types_under_a_members_keys_never_raise(member: Format) -> None:
    for example in member.examples:
        for line in example.splitlines():
            tree = parse(line)
            for key in tree.members if tree is not None else ():
                for junk in JUNK:
                    assert tree is not None
                    changed = {name: json.loads(bytes(value)) for name, value in tree.members.items()} | {key: junk}
                    assert read(json.dumps(changed).encode())


def test_every_format_is_documented() -> None:
    page = (REPOSITORY / "docs" / "reference" / "formats.md").read_text()
    for member in members():
        for slug in member.formats:
            assert f"`{slug}`" in page, slug


def example_files() -> list[dict[str, Any]]:
    root = os.environ.get("KWHO_EXAMPLES", "")
    manifest = Path(root, "formats", "MANIFEST.json")
    if not root or not manifest.exists():
        return []
    entries: list[dict[str, Any]] = json.loads(manifest.read_bytes())["files"]
    return entries


@pytest.mark.parametrize("entry", example_files(), ids=lambda entry: entry["file"])
def test_an_example_file_holds_what_its_manifest_says(entry: dict[str, Any]) -> None:
    data = (folder("formats") / entry["file"]).read_bytes()
    found = read(gzip.decompress(data) if entry["file"].endswith(".gz") else data)
    events = [record for record in found if isinstance(record, Record)]
    refused = [record for record in found if isinstance(record, Rejected)]
    assert len(events) == entry["events"]
    assert sum(record.kind != "filtered" for record in refused) == entry["damaged"]
    assert sum(record.kind == "filtered" for record in refused) == entry["other_records"]
    known = [record.event.auditID for record in events] + [record.audit_id for record in refused if record.audit_id]
    assert known == entry.get("audit_ids", known)
    assert {record.context.format for record in events} <= {entry["format"]}
    for record, expected in zip(events, entry.get("expected", ()), strict="expected" in entry):
        assert_expected(record, expected)


def assert_expected(record: Record, expected: dict[str, Any]) -> None:
    event = json.loads(encode(record.event))
    ref, user = event.get("objectRef"), event["user"]
    seen = {
        **event,
        "objectRef": ref,
        "user": user.get("username"),
        "groups": user.get("groups"),
        "resource": (ref or {}).get("resource"),
        "name": (ref or {}).get("name"),
        "code": event["responseStatus"]["code"],
        "decision": event.get("annotations", {}).get("authorization.k8s.io/decision"),
        "time": event["requestReceivedTimestamp"],
        "cluster": record.context.cluster,
        "host": record.context.instance,
        "requestObject": event.get("requestObject"),
        "body_lost": "requestObject" in record.context.lost,
    }
    derived = set(expected.pop("derived", ()))
    assert derived <= set(record.context.derived)
    assert {key: seen[key] for key in expected} == expected


@pytest.mark.parametrize("path", ["02_webhook_EventList.json", "18_alibaba_sls_row.json", "15b_logcli_raw.txt"])
def test_the_same_event_through_other_wrappers_is_the_same_event(path: str) -> None:
    root = folder("formats")
    wanted = read((root / "11_cri_prefix.log").read_bytes())[0]
    assert isinstance(wanted, Record)
    for other in (path, "12_docker_json_file.log", "13_fluentbit_tail_record.json", "14_vector_file_source.json"):
        found = read((root / other).read_bytes())[0]
        assert isinstance(found, Record)
        assert encode(found.event) == encode(wanted.event)


def test_corpora_are_read_whole() -> None:
    for path in sorted(folder("corpora").rglob("*")):
        if path.suffix not in (".jsonl", ".log"):
            continue
        data = path.read_bytes()
        found = read(data)
        assert len(found) == sum(bool(line.strip()) for line in data.splitlines())
        kinds = {record.kind for record in found if isinstance(record, Rejected)}
        assert kinds <= ({"filtered"} if "admin" in path.name else set())
