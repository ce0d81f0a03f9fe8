"""`jsonl`: one finding per line, then one incident per line, then exactly one summary; the contract for programs."""

from collections.abc import Iterator
from typing import ClassVar

from kwho.outputs import json_bytes
from kwho.reports.scan import ScanDocument
from kwho.reports.summary import summary


class Jsonl:
    """JSON lines: findings in order of rank, incidents behind them, the summary last."""

    name: ClassVar[str] = "jsonl"
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """One line per finding, one per incident and one for the summary."""
        for finding in scan.ranked:
            yield json_bytes(finding) + b"\n"
        for incident in scan.result.incidents:
            yield json_bytes(incident) + b"\n"
        yield json_bytes(summary(scan.result)) + b"\n"
