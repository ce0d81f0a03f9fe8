from xml.etree import ElementTree

from kwho.reports.activity import bins
from kwho.reports.charts import activity_chart, bar_chart
from kwho.schema.result import Result, Talker


def test_each_chart_has_its_numbers_as_a_table(result: Result) -> None:
    shown = activity_chart(bins(result.statistics.activity, 48))
    tree = ElementTree.fromstring(shown)
    assert len(tree.findall(".//svg/g")) == len(tree.findall(".//tbody/tr")) == 48
    svg = tree.find(".//svg")
    assert svg is not None
    assert "at most 4,255" in svg.attrib["aria-label"]


def test_an_activity_without_times_is_told_in_words() -> None:
    assert "no activity to draw" in activity_chart(())


def test_bars_are_named_escaped_and_bounded() -> None:
    shown = bar_chart("Users", (Talker("<b>" + "x" * 500, 9), Talker(None, 1)), 10)
    tree = ElementTree.fromstring(shown)
    names = [node.text or "" for node in tree.findall(".//span[@class='name']")]
    assert names[0].startswith("<b>xxx")
    assert names[0].endswith("… (503 characters)")
    assert names[1] == "(none)"
    assert "(no resource)" in bar_chart("Resources", (Talker(None, 1),), 10, "(no resource)")
    assert [node.text for node in tree.findall(".//span[@class='much']")] == ["9 · 90%", "1 · 10%"]
    assert [node.attrib["width"] for node in tree.findall(".//rect")] == ["1000.0", "111.1"]


def test_no_names_make_no_chart() -> None:
    assert bar_chart("Users", (), 10) == ""
