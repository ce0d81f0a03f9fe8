from kwho.outputs.html import Html
from kwho.reports.scan import scan_document
from kwho.schema.result import Result


def test_the_page_is_one_file_in_utf_8(result: Result) -> None:
    text = b"".join(Html().render(scan_document(result))).decode("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.rstrip().endswith("</html>")
    assert 'charset="utf-8"' in text[:200]
