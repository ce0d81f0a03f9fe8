from kwho.reports.pen import Cell, Pen
from kwho.reports.text import width_of


def text(line: tuple[tuple[str, str], ...]) -> str:
    return "".join(part for part, _ in line)


def test_cells_have_their_width_and_are_cut() -> None:
    line = Pen(width=80).cells([Cell("abcdef", 4), Cell("7", 3, right=True), Cell("日本", 5), Cell("free")])
    assert text(line) == "abc…   7 日本  free"


def test_no_cell_lets_a_control_character_through() -> None:
    assert text(Pen().cells([Cell("\x1b[2J\n", 20)])) == "\\x1b[2J\\x0a         "


def test_long_text_hangs_under_its_beginning() -> None:
    lines = list(Pen(width=50).wrap("INPUT", "word " * 20))
    assert text(lines[0]).startswith("INPUT    word")
    assert all(text(line).startswith("         word") for line in lines[1:])
    assert all(width_of(text(line)) <= 50 for line in lines)


def test_a_huge_string_becomes_few_lines() -> None:
    assert len(list(Pen(width=100).wrap("", "x" * 1_000_000))) < 30


def test_a_screen_without_unicode_gets_ascii() -> None:
    pen = Pen(width=60, unicode=False)
    assert text(pen.rule("what → matters")).isascii()
    assert text(pen.cells([Cell("münchen ✔", 12), Cell("×3")])).isascii()


def test_only_the_word_of_a_label_has_its_style() -> None:
    first, second = Pen(width=50).wrap("CRITICAL", "word " * 12, hang=14, mark="critical")
    assert first[:2] == (("CRITICAL", "critical"), ("      ", ""))
    assert second[0] == (" " * 14, "")


def test_a_command_is_one_line_however_long() -> None:
    line = Pen(width=40).command("next:", "kwho story i-1 " + "a.log " * 50, hang=6, style="bold")
    assert text(line) == "next: kwho story i-1 " + "a.log " * 50


def test_parts_of_a_line_stay_whole_where_they_can() -> None:
    lines = Pen(width=44).wrap("", ["secrets in payments", "success", "", "2026-01-05 10:00:00Z → 10:05:00Z"], hang=4)
    assert [text(line).strip() for line in lines] == [
        "secrets in payments · success ·",
        "2026-01-05 10:00:00Z → 10:05:00Z",
    ]
