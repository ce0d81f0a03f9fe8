import msgspec

from kwho.reports.mask import masked, sound
from kwho.schema.finding import Evidence, Target, encodable
from kwho.schema.result import Result, Talker
from kwho.views.secrets import MASK

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlb2Z0aGV0b2tlbg"


def with_token(result: Result) -> Result:
    first = msgspec.structs.replace(
        result.findings[0],
        target=Target("", "secrets", None, "shop", "db", f"/api/v1/x?token={TOKEN}"),
        evidence=(
            Evidence("selection", "requestObject.stringData.password", "hunter2"),
            Evidence("selection", "exec.command", f"curl -H 'Authorization: Bearer {TOKEN}'"),
            Evidence("selection", "objectRef.name", None),
        ),
    )
    statistics = msgspec.structs.replace(result.statistics, agents=(Talker(f"agent {TOKEN}", 3),))
    return msgspec.structs.replace(result, findings=(first,), statistics=statistics)


def test_nothing_that_can_hold_a_secret_leaves_unmasked(result: Result) -> None:
    text = msgspec.json.encode(masked(with_token(result)))
    assert TOKEN.encode() not in text
    assert b"hunter2" not in text


def test_ids_positions_clauses_and_fields_stay(result: Result) -> None:
    before, after = with_token(result).findings[0], masked(with_token(result)).findings[0]
    assert (after.id, after.events, after.rule, after.time) == (before.id, before.events, before.rule, before.time)
    assert [(item.clause, item.field) for item in after.evidence] == [
        (item.clause, item.field) for item in before.evidence
    ]
    assert after.evidence[0].value == MASK
    assert after.evidence[2].value is None


def test_the_ledger_is_untouched(result: Result) -> None:
    assert masked(result).input == result.input
    assert masked(result).files == result.files


def test_a_lone_surrogate_is_spelled_out(result: Result) -> None:
    assert encodable("a\ud800b") == "a\\ud800b"
    finding = msgspec.structs.replace(result.findings[0], title="\ud800")
    hostile = msgspec.structs.replace(result, findings=(finding,), notes=("\udcff",), versions={"\ud800": "\udfff"})
    assert sound([{"a": "\ud800"}]) == [{"a": "\\ud800"}]
    msgspec.json.encode(sound(hostile))
    msgspec.json.encode(masked(hostile))


def test_evidence_is_masked_by_its_place(result: Result) -> None:
    items = (
        Evidence("c", "responseObject.items.data.x", "cGxhaW4="),
        Evidence("c", "responseObject.status.token", "opaque"),
        Evidence("c", "exec.argv", ("mysql", "--password", "hunter2")),
        Evidence("c", "requestObject.data.y", ("one", 2)),
        Evidence("c", "objectRef.name", ("db", None)),
    )
    first = msgspec.structs.replace(result.findings[0], target=Target("", "secrets"), evidence=items)
    values = [item.value for item in masked(msgspec.structs.replace(result, findings=(first,))).findings[0].evidence]
    assert values == [MASK, MASK, ("mysql", "--password", MASK), MASK, ("db", None)]
