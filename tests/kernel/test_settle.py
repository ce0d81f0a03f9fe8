"""Facts and candidates of the whole log: folded in the order of events, whatever the cut and the order of parts."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.question import PREFIX
from kwho.detect.rule import Needs, RuleSet
from kwho.engine.memory import scan_bytes
from kwho.engine.spill import Shelf
from kwho.formats.reader import Reader
from kwho.kernel.conclude import Inquiry, conclude
from kwho.kernel.judge import Judge
from kwho.kernel.ledger import InputFile
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import Partial, PartKey
from kwho.query.parse import parse_query
from kwho.schema.result import Result
from kwho.state.snapshot import Snapshot, read_snapshot

Make = Callable[..., Any]

POD = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": True, "serviceAccountName": "web"}}


def rules(rule: Make) -> RuleSet:
    entered = rule("r", "target:pods/exec answer:success,open state.pod.demands:hostPID", state="entered_pod")
    return RuleSet(rules=(entered, rule("s", "target:pods/exec answer:success,open")))


def made(event: Make, number: int = 0, at: float = 0, **members: Any) -> dict[str, Any]:
    ref = {"resource": "pods", "namespace": "shop", "name": "p"}
    usual = {"verb": "create", "objectRef": ref, "responseStatus": {"code": 201}, "requestObject": POD}
    found: dict[str, Any] = event(number, at=at, **usual | members)
    return found


def entered(event: Make, number: int = 1, at: float = 60, **members: Any) -> dict[str, Any]:
    ref = {"resource": "pods", "namespace": "shop", "name": "p", "subresource": "exec"}
    found: dict[str, Any] = event(number, at=at, **{"objectRef": ref, "responseStatus": {"code": 101}} | members)
    return found


def scan(rule: Make, *events: dict[str, Any], **options: Any) -> Result:
    return scan_bytes(_log(*events), rules(rule), **options)


def fired(result: Result) -> list[str]:
    return sorted(finding.rule.id for finding in result.findings)


def test_a_candidate_is_settled_as_of_its_time_not_of_its_place(event: Make, rule: Make) -> None:
    assert fired(scan(rule, made(event), entered(event))) == ["r", "s"]
    assert fired(scan(rule, entered(event), made(event))) == ["r", "s"]
    assert fired(scan(rule, made(event, at=60), entered(event, at=0))) == ["s"]


def test_the_finding_holds_what_the_state_told_and_the_sentence(event: Make, rule: Make) -> None:
    found = {finding.rule.id: finding for finding in scan(rule, made(event), entered(event)).findings}
    told = {item.field: item.value for item in found["r"].evidence}
    assert told[PREFIX + "pod.demands"] == "hostPID"
    assert told[PREFIX + "pod.account"] == "shop/web"
    assert told["target"] == "pods/exec"
    assert "the pod “shop/p” runs as" in found["s"].reasons[1]
    assert found["r"].events_total == 1


def test_state_is_folded_from_what_the_filter_leaves_out(event: Make, rule: Make) -> None:
    where = parse_query("target:pods/exec")
    result = scan(rule, made(event), entered(event), where=where)
    assert fired(result) == ["r", "s"]
    assert result.input.filtered == 1
    assert fired(scan(rule, made(event), entered(event), where=parse_query("verb:create"))) == []


def test_a_later_stage_takes_the_place_of_an_earlier_one(event: Make, rule: Make) -> None:
    started = entered(event, stage="ResponseStarted")
    failed = entered(event, responseStatus={"code": 500})
    assert fired(scan(rule, made(event), started)) == ["r", "s"]
    assert fired(scan(rule, made(event), started, failed)) == []
    [one] = [finding for finding in scan(rule, made(event), started, entered(event)).findings if finding.rule.id == "r"]
    assert (one.count, one.events[0].stage) == (1, "ResponseComplete")


def test_copies_count_once_and_the_one_with_a_body_tells(event: Make, rule: Make) -> None:
    bare = made(event, requestObject=None)
    for order in ((bare, made(event)), (made(event), bare)):
        result = scan(rule, *order, entered(event), entered(event))
        assert fired(result) == ["r", "s"]
        assert [finding.count for finding in result.findings] == [1, 1]


def test_an_unknown_time_settles_nothing(event: Make, rule: Make) -> None:
    timeless = entered(event, requestReceivedTimestamp="yesterday")
    assert fired(scan(rule, made(event), timeless)) == ["s"]


def test_a_snapshot_fills_the_time_before_the_log(event: Make, rule: Make) -> None:
    pod = {**POD, "apiVersion": "v1", "metadata": {"name": "p", "namespace": "shop"}}
    told = read_snapshot("x", json.dumps(pod).encode())
    assert fired(scan(rule, entered(event))) == ["s"]
    assert fired(_pieces(_log(entered(event)), rules(rule), (), [told])) == ["r", "s"]
    gone = made(event, 2, at=1, verb="delete", responseStatus={"code": 200}, requestObject=None)
    assert fired(_pieces(_log(gone, entered(event)), rules(rule), (), [told])) == ["s"]


@pytest.mark.parametrize("objects", [1, 2])
def test_a_snapshot_says_what_it_could_not_tell(event: Make, rule: Make, objects: int) -> None:
    config = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}}
    told = read_snapshot("x", json.dumps({"kind": "List", "items": [config] * objects}).encode())
    result = _pieces(_log(entered(event)), rules(rule), (), [told])
    assert f"objects of the snapshots that tell nothing of the state: {objects} (ConfigMap)" in result.notes


def test_a_rule_is_not_blind_to_what_a_snapshot_tells(event: Make, rule: Make) -> None:
    needy = rule("r", "target:pods/exec answer:success,open state.pod.demands:hostPID", state="entered_pod",
                 needs=Needs(level="Request", verbs=("create",), resources=("pods",)))  # fmt: skip
    log = _log(*(made(event, number, requestObject=None) for number in range(30)), entered(event, name="other"))
    judged = RuleSet(rules=(needy,))
    assert _pieces(log, judged, ()).rules.blind == 1
    told = read_snapshot("x", json.dumps({"kind": "List", "items": []}).encode())
    assert _pieces(log, judged, (), [told]).rules.active == 1


def test_matches_of_one_hour_are_one_finding(event: Make, rule: Make) -> None:
    result = scan(rule, made(event), *(entered(event, number, at=number) for number in range(1, 9)))
    assert [finding.count for finding in result.findings] == [8, 8]


def _log(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in events)


def _pieces(data: bytes, judged: RuleSet, sizes: Sequence[int], snapshots: Sequence[Snapshot] = ()) -> Result:
    """The answer when the log is mapped in pieces of so many lines, merged from the last to the first."""
    lines = data.splitlines(keepends=True)
    total, shelf, offset, files = Partial(), Shelf(), 0, []
    partials = []
    for number, size in enumerate((*sizes, len(lines))):
        piece = b"".join(lines[offset : offset + size])
        offset += size
        reader, key = Reader(io.BytesIO(piece).readline), PartKey(number, 0)
        partial = Mapper(Judge(judged)).map(reader, Place(key, str(number)))
        facts = partial.parts[key]
        facts.end, facts.lines = reader.offset, reader.lines
        assert facts.columns is not None
        shelf.put(key, facts.columns)
        partials.append(partial)
        files.append(InputFile(str(number), len(piece)))
    for partial in reversed(partials):
        total.merge(partial)
    return conclude(total, Inquiry(judged, files, shelf, snapshots=snapshots))


def _told(result: Result) -> list[Any]:
    return [(item.id, item.rule.id, item.count, item.evidence, item.reasons, item.time) for item in result.findings]


KINDS = st.sampled_from(["make", "bare", "delete", "enter", "start"])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 4)), max_size=12)


@settings(max_examples=60)
@given(STEPS, st.lists(st.integers(0, 5), max_size=3))
def test_any_cut_tells_the_same(event: Make, rule: Make, steps: Any, sizes: list[int]) -> None:
    events = []
    for number, (step, at) in enumerate(steps):
        match step:
            case "make":
                events.append(made(event, number, at))
            case "bare":
                events.append(made(event, number, at, requestObject=None))
            case "delete":
                events.append(made(event, number, at, verb="delete", requestObject=None, responseStatus={"code": 200}))
            case _:
                stage = "ResponseStarted" if step == "start" else "ResponseComplete"
                events.append(entered(event, at, at, stage=stage))
    data, judged = _log(*events), rules(rule)
    assert _told(_pieces(data, judged, sizes)) == _told(_pieces(data, judged, ()))
