"""`parquet`: typed columns for a data lake, written in row groups; needs the extra `kwho[parquet]`."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Final

from kwho.errors import MissingExtraError
from kwho.outputs import json_bytes
from kwho.reports.rows import EVENT_COLUMNS, FINDING_COLUMNS, Cell, Column, event_row, finding_row
from kwho.reports.scan import ScanDocument
from kwho.reports.summary import summary
from kwho.schema.event import Event
from kwho.schema.finding import encodable
from kwho.schema.moment import parse_moment
from kwho.schema.record import Context

if TYPE_CHECKING:
    from types import ModuleType

ROWS: Final = 10_000
"""Rows of one row group at most."""
WEIGHT: Final = 32 * 1024 * 1024
"""Characters of text in one row group, about; with `ROWS` the bound on memory."""


class Parquet:
    """Columns as in CSV, with times as timestamps in UTC; the summary of a scan stands in the metadata of the file."""

    name: ClassVar[str] = "parquet"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    binary: ClassVar[bool] = True

    def check(self) -> None:
        """Raise `MissingExtraError` when pyarrow is not installed."""
        if find_spec("pyarrow") is None:
            raise MissingExtraError("parquet needs pyarrow: pip install pyarrow")

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """One row per finding."""
        told = {"kwho.summary": json_bytes(summary(scan.result)).decode()}
        return self._file(
            FINDING_COLUMNS, (finding_row(each, scan.belonging.get(each.id)) for each in scan.ranked), told
        )

    def convert(self, records: Iterable[tuple[Event, Context]]) -> Iterator[bytes]:
        """One row per event, one row group in memory at a time."""
        return self._file(EVENT_COLUMNS, (event_row(event, context) for event, context in records), {})

    def _file(
        self, columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]], told: dict[str, str]
    ) -> Iterator[bytes]:
        self.check()
        import pyarrow  # noqa: PLC0415  # an extra, 100 ms to load
        import pyarrow.parquet  # noqa: PLC0415  # an extra, 100 ms to load

        schema = pyarrow.schema(
            [(column.name, _type(pyarrow, column)) for column in columns], metadata=told | {"kwho.schema_version": "1"}
        )
        drain = _Drain()
        with pyarrow.parquet.ParquetWriter(drain, schema, compression="zstd") as writer:
            for group in _groups(rows):
                arrays = [
                    pyarrow.array([_value(row[at], column) for row in group], type=_type(pyarrow, column))
                    for at, column in enumerate(columns)
                ]
                writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
                yield drain.taken()
        yield drain.taken()


class _Drain:
    """The writable file that the Parquet writer wants, emptied after every row group."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: Any) -> int:
        """Keep the bytes until they are taken."""
        self._parts.append(bytes(data))
        self._at += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        """Bytes written since the beginning of the file."""
        return self._at

    def taken(self) -> bytes:
        """The bytes since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _groups(rows: Iterable[tuple[Cell, ...]]) -> Iterator[list[tuple[Cell, ...]]]:
    group: list[tuple[Cell, ...]] = []
    weight = 0
    for row in rows:
        group.append(row)
        weight += sum(len(value) for value in row if isinstance(value, str))
        if len(group) >= ROWS or weight >= WEIGHT:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _type(pyarrow: "ModuleType", column: Column) -> Any:
    if column.type == "integer":
        return pyarrow.int64()
    if column.type == "moment":
        return pyarrow.timestamp("us", tz="UTC")
    return pyarrow.list_(pyarrow.string()) if column.type == "list" else pyarrow.string()


def _value(value: Cell, column: Column) -> Cell:
    if isinstance(value, str):
        return parse_moment(value) if column.type == "moment" else encodable(value)
    if isinstance(value, int) or value is None:
        return value if value is None or -(2**63) <= value < 2**63 else None
    return [encodable(item) for item in value]
