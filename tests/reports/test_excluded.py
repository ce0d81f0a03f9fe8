"""What exclusions leave out can be listed, marked."""

import msgspec

from kwho.reports.excluded import with_excluded
from kwho.reports.words import excluded_by
from kwho.schema.result import Excluded, Hidden, Result


def test_findings_that_are_left_out_are_listed_marked_with_the_reason(result: Result) -> None:
    first, *rest = result.findings
    excluded = Excluded(1, (Hidden("x", "Backup", "ops", "it backs up", 1),))
    left = msgspec.structs.replace(
        result, findings=tuple(rest), left_out=(msgspec.structs.replace(first, excluded="x"),), excluded=excluded
    )
    shown = with_excluded(left)
    assert {finding.id for finding in shown.findings} == {finding.id for finding in result.findings}
    (marked,) = (finding for finding in shown.findings if finding.excluded == "x")
    assert marked.title == f"{first.title} (excluded)"
    assert marked.reasons == (*first.reasons, "excluded by “Backup” (ops): it backs up")
    assert len(left.findings) == len(rest)


def test_the_sentence_names_the_busiest_exclusions() -> None:
    one = Excluded(1, (Hidden("x", "Backup", "ops", "it backs up", 1),))
    assert excluded_by(one) == "1 finding excluded by 1 exclusion: Backup (1)"
    many = Excluded(70, tuple(Hidden(str(n), f"E{n}", "ops", "why", 10) for n in range(7)))
    assert excluded_by(many) == (
        "70 findings excluded by 7 exclusions: E0 (10), E1 (10), E2 (10), E3 (10), E4 (10), and 2 more"
    )
