"""`json`: the objects of `jsonl` in one document."""

from collections.abc import Iterator
from typing import ClassVar

from kwho.outputs import json_bytes
from kwho.reports.scan import ScanDocument
from kwho.reports.summary import summary


class Json:
    """One JSON object with `schema_version`, `findings`, `incidents` and `summary`; each finding on a line."""

    name: ClassVar[str] = "json"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The document, a piece per finding and incident."""
        yield b'{"schema_version":1,"findings":['
        for at, finding in enumerate(scan.ranked):
            yield (b",\n" if at else b"\n") + json_bytes(finding)
        yield b'],\n"incidents":['
        for at, incident in enumerate(scan.result.incidents):
            yield (b",\n" if at else b"\n") + json_bytes(incident)
        yield b'],\n"summary":' + json_bytes(summary(scan.result)) + b"}\n"
