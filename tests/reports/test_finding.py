import msgspec

from kwho.detect.rule import Rule
from kwho.query.ast import And
from kwho.reports.finding import finding_sheet, position, shown_value
from kwho.reports.pen import Pen
from kwho.reports.scan import scan_document
from kwho.schema.finding import Citation, Evidence
from kwho.schema.result import Result

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlb2Z0aGV0b2tlbg"


def sheet(result: Result, at: int = 0, rules: tuple[Rule, ...] = (), **more: object) -> str:
    scan = scan_document(result, paths=["audit/"], options=[("--rules", "my rules"), ("--cluster", "c")], rules=rules)
    lines = finding_sheet(scan.ranked[at], Pen(width=110), scan, **more)  # type: ignore[arg-type]  # options of the test
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_a_finding_in_full_says_who_what_why_and_where(result: Result) -> None:
    text = sheet(result)
    for part in (
        "CRITICAL  f-2b5e77d0c4aa",
        "\nBinding to cluster-admin\n",
        "ci:deployer as system:serviceaccount:shop:pay-api (person)",
        "selection: binding.role = ClusterRole/cluster-admin",
        "the binding gives every right in the cluster",
        "audit/apiserver-a.log:110:176000",
        "incident  i-56be799644420449",
        "\nnext: kwho story i-56be799644420449 audit/ --rules 'my rules' --cluster c\n",
        "\n      kwho rules show 6d1f0a52-0000-4000-8000-000000000001 --rules 'my rules'",
    ):
        assert part in text


def test_citations_beyond_the_screen_are_counted(result: Result) -> None:
    assert "… and 208 more" in sheet(result, 1)


def test_the_raw_event_is_shown_masked_and_escaped(result: Result) -> None:
    cited = scan_document(result).ranked[0].events[0]
    raw = {cited: f'{{"userAgent":"\x1b[2J","token":"{TOKEN}","x":"\udcff"}}'}
    assert TOKEN not in sheet(result, raw=raw)
    assert "\x1b" not in sheet(result, raw=raw)
    shown = sheet(result, raw=raw, reveal=True).replace("\n", "").replace(" ", "")
    assert TOKEN in shown


def test_a_raw_event_can_be_copied_whole(result: Result) -> None:
    cited = scan_document(result).ranked[0].events[0]
    raw = '{"userAgent":"' + "a b  c " * 500 + '"}'
    lines = sheet(result, raw={cited: raw}).splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith('          {"userAgent'))
    assert raw in "".join(line[10:] for line in lines[begin:])


def test_a_huge_raw_event_is_cut_and_told(result: Result) -> None:
    cited = scan_document(result).ranked[0].events[0]
    assert "(16,000,000 characters)" in sheet(result, raw={cited: "x" * 16_000_000})


def test_what_the_rule_says_is_told_too(result: Result) -> None:
    rule = Rule(
        id="6d1f0a52-0000-4000-8000-000000000001",
        title="t",
        level="critical",
        condition=And(()),
        description="Somebody made an administrator.",
        falsepositives=("the day the cluster was built",),
        response=("delete the binding",),
    )
    text = sheet(result, rules=(rule,))
    assert "Somebody made an administrator." in text
    assert "the day the cluster was built" in text
    assert "delete the binding" in text


def test_a_finding_of_no_incident_goes_on_with_its_rule(result: Result) -> None:
    apart = msgspec.structs.replace(result, incidents=())
    assert "\nnext: kwho rules show 6d1f0a52" in sheet(apart)
    assert "incident" not in sheet(apart)


def test_values_are_shown_in_words() -> None:
    assert shown_value(Evidence("c", "f", None)) == "(absent)"
    assert shown_value(Evidence("c", "f", True)) == "true"
    assert shown_value(Evidence("c", "f", ("a", None, 3))) == "a, (absent), 3"
    assert shown_value(Evidence("c", "f", ())) == "(empty)"


def test_a_position_names_the_event_within_its_record() -> None:
    assert position(Citation("a", None, "f.log", 3, 99, 0)) == "f.log:3:99"
    assert position(Citation("a", None, "f.log", 3, 99, 4)) == "f.log:3:99#4"


def test_a_raw_event_is_masked_before_it_is_cut(result: Result) -> None:
    cited = scan_document(result).ranked[0].events[0]
    raw = '{"objectRef":{"resource":"secrets"},"requestObject":{"data":{"a":"aGlkZGVu","b":"' + "x" * 200_000 + '"}}}'
    assert "aGlkZGVu" not in sheet(result, raw={cited: raw})
