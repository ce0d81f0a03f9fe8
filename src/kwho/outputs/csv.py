"""`csv`: one row per finding or event, RFC 4180, with spreadsheet formulas made harmless."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from kwho.reports.rows import EVENT_COLUMNS, FINDING_COLUMNS, Cell, Column, event_row, finding_row
from kwho.reports.scan import ScanDocument
from kwho.reports.text import printable
from kwho.schema.event import Event
from kwho.schema.record import Context

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠﹢﹣﹦﹫]")


class Csv:
    """Comma-separated values with a header; lists are joined by `; `."""

    name: ClassVar[str] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """A header and one row per finding, in order of rank."""
        return _lines(FINDING_COLUMNS, (finding_row(each, scan.belonging.get(each.id)) for each in scan.ranked))

    def convert(self, records: Iterable[tuple[Event, Context]]) -> Iterator[bytes]:
        """A header and one row per event, one event in memory at a time."""
        return _lines(EVENT_COLUMNS, (event_row(event, context) for event, context in records))


def _lines(columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(column.name for column in columns)
    yield buffer.getvalue().encode("utf-8")
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue().encode("utf-8")


def _cell(value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    text = printable(value if isinstance(value, str) else "; ".join(value))
    return f"'{text}" if _FORMULA.match(text) else text
