"""The reader takes lines, wrappers and fragments, and every record is accounted for."""

import io

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected


def event(audit_id: str = "a1", **more: str) -> bytes:
    extra = "".join(f',"{key}":{value}' for key, value in more.items())
    return (
        f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{audit_id}",'
        '"stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"ada"},'
        '"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z",'
        f'"stageTimestamp":"2026-03-01T08:00:00.000002Z"{extra}}}'
    ).encode()


def read(data: bytes, **bounds: int) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO(data).readline, **bounds))


def ids(data: bytes) -> list[str | None]:
    return [
        found.event.auditID if isinstance(found, Record) else f"{found.kind}:{found.reason}" for found in read(data)
    ]


def test_an_ordinary_line_is_one_native_record_where_it_stands() -> None:
    first, second = read(b"\n" + event("a1") + b"\n" + event("a2"))
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.line, first.offset, second.line) == (2, 1, 3)
    assert second.offset == 2 + len(event("a1"))
    assert (first.context.format, first.assumed, first.damaged) == ("native-log", (), ())


def test_an_array_over_many_lines_gives_its_events() -> None:
    assert ids(b"[\n" + event("a1") + b",\n" + event("a2") + b"\n]\n") == ["a1", "a2"]


def test_a_broken_line_does_not_harm_its_neighbours() -> None:
    torn = b'{"kind":"Event","auditID":"a2","stage":'
    assert ids(event("a1") + b"\n" + torn + b"\n" + event("a3") + b"\n") == [
        "a1",
        "truncated:cut off inside a JSON value",
        "a3",
    ]
