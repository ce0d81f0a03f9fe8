import re

from kwho.reports.style import STYLE


def test_the_style_asks_nobody_for_anything() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "<" not in STYLE


def test_there_is_a_dark_and_a_printed_form() -> None:
    assert "prefers-color-scheme:dark" in STYLE
    assert "@media print" in STYLE


def test_every_colour_that_is_used_is_defined() -> None:
    assert set(re.findall(r"var\(--([a-z]+)\)", STYLE)) <= set(re.findall(r"--([a-z]+):", STYLE))
