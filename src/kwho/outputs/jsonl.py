"""`jsonl`: one finding per line, then exactly one summary; the stable contract for programs."""

from collections.abc import Iterator
from typing import ClassVar

from kwho.outputs import json_bytes
from kwho.reports.scan import ScanDocument
from kwho.reports.summary import summary


class Jsonl:
    """JSON lines: findings in order of rank, the summary last."""

    name: ClassVar[str] = "jsonl"
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """One line per finding and one for the summary."""
        for finding in scan.ranked:
            yield json_bytes(finding) + b"\n"
        yield json_bytes(summary(scan.result)) + b"\n"
