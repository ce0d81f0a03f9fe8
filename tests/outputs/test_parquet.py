import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow.parquet
import pytest

from kwho.errors import MissingExtraError
from kwho.outputs import parquet
from kwho.outputs.parquet import Parquet
from kwho.reports.scan import scan_document
from kwho.schema.event import Event, Status, User
from kwho.schema.record import Context
from kwho.schema.result import Result

HERE = Context("native")


def read(data: bytes) -> pyarrow.parquet.ParquetFile:
    return pyarrow.parquet.ParquetFile(io.BytesIO(data))


def test_findings_are_typed_rows_and_the_summary_is_in_the_metadata(result: Result) -> None:
    file = read(b"".join(Parquet().render(scan_document(result))))
    rows = file.read().to_pylist()
    assert len(rows) == 6
    assert rows[0]["first"] == datetime(2026, 11, 18, 3, 7, 2, tzinfo=UTC)
    assert rows[0]["impersonated.groups"] == ["system:serviceaccounts"]
    told = json.loads(file.schema_arrow.metadata[b"kwho.summary"])
    assert told["input"]["records"] == 112203


def test_events_are_written_in_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", 10)
    alive = 0

    def events() -> Iterator[tuple[Event, Context]]:
        nonlocal alive
        for number in range(35):
            alive = number
            yield Event(auditID=str(number)), HERE

    data = b""
    for number, piece in enumerate(Parquet().convert(events())):
        assert alive < 11 or number
        data += piece
    file = read(data)
    assert file.num_row_groups == 4
    assert file.read().column("auditID").to_pylist() == [str(number) for number in range(35)]


def test_heavy_events_close_a_group_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "WEIGHT", 1_000)
    events = [(Event(userAgent="x" * 600), HERE)] * 6
    assert read(b"".join(Parquet().convert(events))).num_row_groups == 3


def test_values_that_do_not_fit_their_type_are_null_or_spelled_out() -> None:
    event = Event(
        requestReceivedTimestamp="yesterday",
        user=User("\ud800", groups=("\udfff",)),
        responseStatus=Status(code=2**70),
    )
    row = read(b"".join(Parquet().convert([(event, HERE)]))).read().to_pylist()[0]
    assert row["requestReceivedTimestamp"] is None
    assert row["responseStatus.code"] is None
    assert row["user.username"] == "\\ud800"
    assert row["user.groups"] == ["\\udfff"]


def test_a_missing_extra_is_named_before_any_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install pyarrow"):
        Parquet().check()
