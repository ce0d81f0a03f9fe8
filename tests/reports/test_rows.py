import msgspec

from kwho.reports.rows import EVENT_COLUMNS, FINDING_COLUMNS, event_row, finding_row
from kwho.schema.event import Event, ObjectRef, User
from kwho.schema.record import Context
from kwho.schema.result import Result


def test_a_finding_fills_every_column(result: Result) -> None:
    for finding in result.findings:
        assert len(finding_row(finding)) == len(FINDING_COLUMNS)
    row = dict(zip((column.name for column in FINDING_COLUMNS), finding_row(result.findings[1]), strict=True))
    assert row["principal.user"] == "ci:deployer"
    assert row["impersonated.user"] == "system:serviceaccount:shop:pay-api"
    assert row["events"] == ("audit/apiserver-a.log:110:176000",)


def test_an_event_fills_every_column() -> None:
    event = Event(
        auditID="a",
        user=User("eve", extra={"k": ("v",)}),
        sourceIPs=("10.0.0.1", "192.0.2.7"),
        objectRef=ObjectRef("pods", "shop", "web"),
        annotations={"b": "2", "a": "1"},
        requestObject=msgspec.Raw(b'{"kind":"Pod"}'),
    )
    row = dict(
        zip((column.name for column in EVENT_COLUMNS), event_row(event, Context("native", cluster="c")), strict=True)
    )
    assert row["user.username"] == "eve"
    assert row["source.ip"] == "192.0.2.7"
    assert row["annotations"] == '{"a":"1","b":"2"}'
    assert row["requestObject"] == '{"kind":"Pod"}'
    assert row["responseObject"] is None
    assert row["cluster"] == "c"


def test_an_event_with_nothing_in_it_is_a_row_too() -> None:
    assert len(event_row(Event(), Context("native"))) == len(EVENT_COLUMNS)


def test_a_map_that_no_json_can_hold_is_kept_as_text() -> None:
    row = event_row(Event(annotations={"\ud800": "x"}), Context("native"))
    assert "[('\\ud800', 'x')]" in row
