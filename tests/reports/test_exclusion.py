"""Exclusions in words."""

from kwho.detect.examples import Story
from kwho.detect.extension import Example
from kwho.detect.rule import Exclusion
from kwho.query.parse import parse_query
from kwho.reports.exclusion import exclusion_object, exclusion_page, exclusion_table

BACKUP = Exclusion(
    id="9b1d6a52-0000", name="backup", title="Backup \x1b reads", owner="ops", reason="it backs up", rules=("r1", "r2"),
    condition=parse_query("user|cased:backup verb:get"), expires=1_767_607_200_000_000, path="x.yaml",
)  # fmt: skip


def test_an_object_holds_what_a_program_asks() -> None:
    assert exclusion_object(BACKUP) == {
        "id": "9b1d6a52-0000", "name": "backup", "title": "Backup \x1b reads", "owner": "ops", "reason": "it backs up",
        "rules": ["r1", "r2"], "expires": "2026-01-05T10:00:00.000000Z",
    }  # fmt: skip


def test_a_table_has_a_line_for_each_and_none_without() -> None:
    assert list(exclusion_table((), 80)) == []
    assert list(exclusion_table((BACKUP,), 80)) == [
        "",
        "ID       OWNER                  EXCLUSION",
        "9b1d6a52 ops                    Backup \\x1b reads",
    ]


def test_a_page_tells_everything() -> None:
    example = Example(why="")
    stories = (
        Story(BACKUP.id, False, "at night", example, "x.yaml", 1),
        Story(BACKUP.id, True, "by day", example, "x.yaml", 2),
    )
    assert list(exclusion_page(BACKUP, stories, {"r1": "Secret read"}, 80)) == [
        "Backup \\x1b reads",
        "9b1d6a52-0000 · backup",
        "exclusion by ops, until 2026-01-05T10:00:00.000000Z, x.yaml",
        "",
        "Reason",
        "  it backs up",
        "",
        "Leaves out matches of",
        "  Secret read",
        "  r2",
        "",
        "When",
        "  user.username|cased:backup",
        "  verb:get",
        "",
        "Left out",
        "  at night",
        "",
        "Found in spite of it",
        "  by day",
    ]
