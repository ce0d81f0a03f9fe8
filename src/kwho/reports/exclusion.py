"""Exclusions as documents: what `rules list` and `rules show` tell of them; texts are escaped like those of rules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kwho.detect.examples import Story
from kwho.detect.rule import Exclusion
from kwho.reports.condition import condition_lines
from kwho.reports.text import cut, pieces, printable
from kwho.schema.moment import format_moment


def exclusion_object(exclusion: Exclusion) -> dict[str, Any]:
    """One exclusion in the JSON contract of `kwho rules list --format json`."""
    return {
        "id": exclusion.id,
        "name": exclusion.name,
        "title": exclusion.title,
        "owner": exclusion.owner,
        "reason": exclusion.reason,
        "rules": list(exclusion.rules),
        "expires": None if exclusion.expires is None else format_moment(exclusion.expires),
    }


def exclusion_table(exclusions: Sequence[Exclusion], width: int) -> Iterator[str]:
    """One line for each exclusion in order of title; nothing without any."""
    if not exclusions:
        return
    yield ""
    yield f"{'ID':<9}{'OWNER':<23}EXCLUSION"
    for exclusion in sorted(exclusions, key=lambda entry: (entry.title, entry.id)):
        owner = cut(printable(exclusion.owner), 22)
        yield f"{printable(exclusion.id[:8]):<9}{owner:<23}{cut(printable(exclusion.title), max(width - 32, 20))}"


def exclusion_page(
    exclusion: Exclusion, stories: Sequence[Story], titles: Mapping[str, str], width: int
) -> Iterator[str]:
    """Everything a person wants to know of one exclusion; `titles` names rules by id."""
    until = "" if exclusion.expires is None else f", until {format_moment(exclusion.expires)}"
    name = f" · {printable(exclusion.name)}" if exclusion.name else ""
    yield printable(exclusion.title)
    yield f"{printable(exclusion.id)}{name}"
    yield f"exclusion by {printable(exclusion.owner)}{until}, {printable(exclusion.path)}"
    yield from _sections(
        ("", [exclusion.description]),
        ("Reason", [exclusion.reason]),
        ("Leaves out matches of", [titles.get(rule, rule) for rule in exclusion.rules]),
        width=width,
    )
    yield from ("", "When", *(f"  {line}" for line in condition_lines(exclusion.condition, width - 2)))
    yield from _sections(
        ("Left out", [story.why for story in stories if not story.fires]),
        ("Found in spite of it", [story.why for story in stories if story.fires]),
        width=width,
    )


def _sections(*sections: tuple[str, list[str]], width: int) -> Iterator[str]:
    for title, texts in sections:
        told = [" ".join(text.split()) for text in texts if text]
        if told:
            yield ""
            yield from [title] * bool(title)
            indent = "  " * bool(title)
            for text in told:
                yield from (indent + line for line in pieces(printable(text), max(width - len(indent), 20)))
