"""The handbook of rules: complete, fresh, and safe whatever a rule file says."""

import os
from pathlib import Path

import msgspec
import pytest

from kwho.detect.catalog import Catalog, Family, read_catalog
from kwho.detect.examples import Story, read_stories
from kwho.detect.extension import Example
from kwho.detect.pack import assemble, read_sources
from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.query.ast import Term
from kwho.reports.handbook import Handbook, file_of, pages

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "rules"

RULE = Rule(
    id="1", name="a-rule", title="A *rule*", level="high", description="What [it](x) is\nand <b>why</b>.",
    tags=("attack.t1611", "attack.stealth", "attack.t9999"), detections=("D01",), falsepositives=("Honest | work",),
    references=("https://kubernetes.io/", "javascript:alert(1)"), condition=Term("verb", "equals", ("get",)),
)  # fmt: skip
FEEDER = Rule(id="2", title="Feeder", level="informational", condition=Term("verb", "equals", ("list",)), silent=True)
COUNT = Correlation(
    id="3", name="count", title="Count", level="low", type="event_count", rules=("2",), timespan=60_000_000
)
CATALOG = Catalog({"D": Family("Pods", 2)}, {"D02": "no |data|"}, ("the *weather*",))
STORY = Story("1", True, "it `fires", Example("it fires"), "a.yaml", 1)


def made(*rules: Rule) -> dict[str, str]:
    return pages(Handbook(RuleSet(rules=(*rules, FEEDER), correlations=(COUNT,)), (STORY,), CATALOG))


def test_the_committed_pages_are_fresh() -> None:
    sources = [(source.path, source.text) for source in read_sources([])]
    fresh = pages(Handbook(assemble([]), tuple(read_stories(sources)), read_catalog()))
    if os.environ.get("KWHO_REFRESH"):
        PAGES.mkdir(exist_ok=True)
        for page in PAGES.glob("*.md"):
            page.unlink()
        for name, text in fresh.items():
            (PAGES / name).write_text(text, "utf-8")
    kept = {page.name: page.read_text("utf-8") for page in PAGES.glob("*.md")}
    stale = sorted(name for name in {*fresh, *kept} if fresh.get(name) != kept.get(name))
    assert stale == [], "run this test with KWHO_REFRESH=1"


def test_every_rule_has_a_page_and_stands_in_the_list() -> None:
    found = made(RULE)
    assert set(found) == {"index.md", "attack.md", "catalog.md", "a-rule.md", "2.md", "count.md"}
    assert all(file_of(entry) in found["index.md"] for entry in (RULE, FEEDER, COUNT))
    assert "2 rules, 1 of which only feed correlations, and 1 correlations." in found["index.md"]


def test_a_page_tells_what_a_rule_feeds_and_is_made_of() -> None:
    found = made(RULE)
    assert "It only feeds [Count](count.md)." in found["2.md"]
    assert "Made of [Feeder](2.md)." in found["count.md"]
    assert "verb:get" in found["a-rule.md"]
    loud = msgspec.structs.replace(FEEDER, silent=False)
    also = pages(Handbook(RuleSet(rules=(loud,), correlations=(COUNT,)), (), CATALOG))["2.md"]
    assert "It also feeds [Count](count.md)." in also


def test_nothing_a_rule_file_says_is_markup() -> None:
    page = made(RULE)["a-rule.md"]
    assert "# A \\*rule\\*" in page
    assert "\\[it\\](x)" in page
    assert "\\<b\\>why" in page
    assert "- Honest \\| work" in page
    assert "- it \\`fires" in page
    assert "`javascript:alert(1)`" in page
    assert "<https://kubernetes.io/>" in page


def test_code_between_backticks_stays_code() -> None:
    page = made(msgspec.structs.replace(RULE, blind_spots=("see `kwho rules blind`", "``", "`a|b`")))["a-rule.md"]
    assert "- see `kwho rules blind`\n- \\`\\`\n- \\`a\\|b\\`\n" in page


def test_coverage_counts_techniques_and_tactics_and_names_what_lacks() -> None:
    page = made(RULE)["attack.md"]
    assert "| T1611 Escape to Host | [A \\*rule\\*](a-rule.md) |" in page
    assert "| Stealth | 1 |" in page
    assert "- T1610 Deploy Container" in page
    assert "Feeder" not in page


def test_rows_without_a_rule_are_told_with_the_reason() -> None:
    page = made(RULE)["catalog.md"]
    assert "2 rows, of which 1 have a rule" in page
    assert "| D01 | [A \\*rule\\*](a-rule.md) |" in page
    assert "| D02 | no \\|data\\| |" in page
    assert page.endswith("## What no audit log shows\n\n- the \\*weather\\*\n")


@pytest.mark.parametrize("name", ["a-rule.md", "count.md", "index.md"])
def test_pages_are_whole_lines_and_end_with_one(name: str) -> None:
    text = made(RULE)[name]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text
