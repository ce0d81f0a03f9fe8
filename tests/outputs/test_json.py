import json

from kwho.outputs.json import Json
from kwho.reports.scan import scan_document
from kwho.schema.result import Result


def test_the_document_has_findings_incidents_and_a_summary(result: Result) -> None:
    told = json.loads(b"".join(Json().render(scan_document(result))))
    assert list(told) == ["schema_version", "findings", "incidents", "summary"]
    assert (len(told["findings"]), len(told["incidents"])) == (6, 2)
    assert told["summary"]["type"] == "summary"


def test_no_findings_are_an_empty_list(empty: Result) -> None:
    assert json.loads(b"".join(Json().render(scan_document(empty))))["findings"] == []
