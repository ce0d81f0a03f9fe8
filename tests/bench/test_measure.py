"""What was measured is kept, compared and published."""

from pathlib import Path

import pytest
from bench.detection.measure import Measure, load, save, worse
from bench.detection.page import PAGE, written
from bench.detection.score import Attack, Score, Verdict
from bench.detection.table import tables


def attack(verdict: Verdict = "told", incidents: int = 1) -> Attack:
    return Attack(verdict, "high" if verdict == "told" else None, ("Rule",), {verdict: 2}, incidents, incidents, 1.5)


def scored(
    attacks: dict[str, Attack] | None = None,
    missed: tuple[str, ...] = (),
    false: dict[str, dict[str, int]] | None = None,
    incidents: dict[str, int] | None = None,
    glued: int = 0,
) -> Score:
    return Score(1_000, 24.0, attacks or {"theft": attack()}, missed, false or {}, incidents or {}, 1.0, glued)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    measure = Measure({"one": scored()}, {"one": scored()}, {"quiet-1-metadata": scored({})})
    save(measure, tmp_path / "kept.json")
    assert load(tmp_path / "kept.json") == measure


def test_nothing_kept_is_nothing_measured(tmp_path: Path) -> None:
    assert load(tmp_path / "absent.json") == Measure()


def test_each_attack_has_its_line(tmp_path: Path) -> None:
    save(Measure({"one": scored({"theft": attack(), "wipe": attack()})}), tmp_path / "kept.json")
    lines = (tmp_path / "kept.json").read_text().splitlines()
    assert sum('"told"' in line for line in lines) == 2


@pytest.mark.parametrize(
    ("before", "now", "complaint"),
    [
        (scored(), scored({"theft": attack("blind")}), "theft is not found any more"),
        (scored(), scored(missed=("theft: list (wrong)",)), "a step is not told any more: theft: list (wrong)"),
        (scored(), scored(false={"repairs": {"Rule": 2}}), "2 more findings above low in repairs: Rule"),
        (scored(), scored(incidents={"repairs": 1}), "1 more incidents in repairs"),
        (scored(), scored({"theft": attack(incidents=0)}), "no incident tells theft any more"),
        (scored(), scored(glued=1), "1 more incidents hold attacks that have nothing to do with each other"),
    ],
)
def test_what_got_worse_is_said(before: Score, now: Score, complaint: str) -> None:
    assert worse(before, now) == [complaint]
    assert worse(now, before) == []


def test_a_table_stands_between_its_marks() -> None:
    page = "# Page\n\n<!-- table: one -->\n\nold\n\n<!-- end -->\n\nText.\n"
    assert written(page, {"one": "| new |\n"}) == page.replace("old\n", "| new |\n")


def test_a_mark_without_a_table_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="two"):
        written("<!-- table: two -->\n<!-- end -->", {})


def test_tables_can_be_drawn_of_little() -> None:
    quiet = scored({}, false={"everyday life": {"Rule": 1}})
    drawn = tables(
        Measure({"v1-everything-1": scored()}, {}, {"quiet-1-metadata": quiet, "planted-1-metadata": scored()})
    )
    assert (
        "| `v1-everything-1` | 1,000 | 1 of 1 (100 %) | 2 of 2 (100 %) | 0 | 0 | 0 | 0 | 0 | 1.5, 1.5 |"
        in drawn["recordings"]
    )
    assert "| `metadata` | 1 | 1.00 | 0.00 | 1 of 1 (100 %) | 1.00 | 0 | 2 of 2 (100 %) |" in drawn["days"]


def test_the_page_publishes_what_is_kept() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text, tables(load())), "`python -m bench.detection --write` writes the tables anew"
