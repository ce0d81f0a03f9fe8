"""`md`: the scan as Markdown for a ticket or a merge request."""

from collections.abc import Iterator
from typing import ClassVar

from kwho.reports.scan import ScanDocument
from kwho.reports.ticket import ticket


class Md:
    """The ticket of a scan."""

    name: ClassVar[str] = "md"
    suffixes: ClassVar[tuple[str, ...]] = (".md", ".markdown")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The ticket, line by line."""
        return (line.encode("utf-8", "backslashreplace") + b"\n" for line in ticket(scan))
