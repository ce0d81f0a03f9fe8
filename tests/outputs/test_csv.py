import csv
import io

import msgspec
import pytest

from kwho.outputs.csv import Csv
from kwho.reports.rows import EVENT_COLUMNS, FINDING_COLUMNS
from kwho.reports.scan import scan_document
from kwho.schema.event import Event, User
from kwho.schema.record import Context
from kwho.schema.result import Result


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def test_each_finding_is_a_row_under_the_header(result: Result) -> None:
    told = rows(b"".join(Csv().render(scan_document(result))))
    assert told[0] == [column.name for column in FINDING_COLUMNS]
    assert len(told) == 7
    assert {len(row) for row in told} == {len(FINDING_COLUMNS)}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "  =1", " -1"])
def test_a_formula_is_only_text(text: str) -> None:
    event = Event(userAgent=text, user=User(text, groups=(text, "b")))
    told = rows(b"".join(Csv().convert([(event, Context("native"))])))[1]
    cells = dict(zip((column.name for column in EVENT_COLUMNS), told, strict=True))
    assert cells["userAgent"].startswith("'")
    assert cells["user.groups"].startswith("'")


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\x00=1", "\u00a0=1"])
def test_a_formula_behind_a_control_character_is_an_escape(text: str) -> None:
    told = b"".join(Csv().convert([(Event(userAgent=text), Context("native"))])).decode()
    assert ",\\x" in told
    assert ",=" not in told


def test_lines_and_quotes_keep_their_cell(result: Result) -> None:
    finding = msgspec.structs.replace(result.findings[0], title='say "a",\nthen b')
    told = rows(b"".join(Csv().render(scan_document(msgspec.structs.replace(result, findings=(finding,))))))
    assert told[1][1] == 'say "a",\\x0athen b'


def test_lines_end_as_the_standard_says(result: Result) -> None:
    data = b"".join(Csv().render(scan_document(result)))
    assert data.count(b"\r\n") == data.count(b"\n") == 7
