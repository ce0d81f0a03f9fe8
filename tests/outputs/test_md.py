from kwho.outputs.md import Md
from kwho.reports.scan import scan_document
from kwho.schema.result import Result


def test_the_ticket_begins_with_the_headline(result: Result) -> None:
    text = b"".join(Md().render(scan_document(result))).decode("utf-8")
    assert text.startswith("# 2 incidents in 6 findings about 4 principals")
    assert text.endswith("\n")
