import msgspec

from kwho.detect.rule import Rule
from kwho.query.ast import And
from kwho.reports.claims import finding_entry, row_entry
from kwho.reports.scan import rows
from kwho.schema.result import Result


def test_a_finding_opens_to_its_proof(result: Result) -> None:
    shown = finding_entry(result.findings[1], None)
    for part in (
        "<summary>",
        "Binding to cluster-admin",
        "ci:deployer as system:serviceaccount:shop:pay-api (person)",
        "binding.role",
        "audit/apiserver-a.log:110:176000",
        'id="f-2b5e77d0c4aa"',
    ):
        assert part in shown


def test_citations_that_are_not_listed_are_counted(result: Result) -> None:
    assert "208 more are not listed here" in finding_entry(result.findings[2], None)


def test_what_the_rule_says_is_told(result: Result) -> None:
    rule = Rule(id="r", title="t", level="low", condition=And(()), description="Why <it> matters.", response=("act",))
    shown = finding_entry(result.findings[0], rule)
    assert "Why &lt;it&gt; matters." in shown
    assert "<p><b>What to do</b></p><ul><li>act</li></ul>" in shown


def test_hostile_names_are_text(result: Result) -> None:
    evil = '"><script>alert(1)</script>'
    target = msgspec.structs.replace(result.findings[0].target, name=evil, uri=evil)
    shown = finding_entry(msgspec.structs.replace(result.findings[0], title=evil, id=evil, target=target), None)
    assert "<script" not in shown


def test_findings_of_one_rule_stand_behind_one_line(result: Result) -> None:
    one = result.findings[0]
    found = rows((one, msgspec.structs.replace(one, id="f-other")))
    shown = row_entry(found[0], {})
    assert shown.count("<details") == 3
    assert "2 findings on 1 target · success" in shown
    assert row_entry(rows((one,))[0], {}) == finding_entry(one, None)
