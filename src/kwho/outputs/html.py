"""`html`: one self-contained page, no script and no request to anywhere."""

from collections.abc import Iterator
from typing import ClassVar

from kwho.reports.page import page
from kwho.reports.scan import ScanDocument


class Html:
    """The page of a scan."""

    name: ClassVar[str] = "html"
    suffixes: ClassVar[tuple[str, ...]] = (".html", ".htm")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The page, section by section."""
        return (part.encode("utf-8", "backslashreplace") for part in page(scan))
