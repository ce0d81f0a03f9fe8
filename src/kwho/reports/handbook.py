"""The handbook of rules: one Markdown page for each, a list of all, and what they cover, made of the rules alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kwho.detect.attack import attack_table
from kwho.detect.catalog import Catalog
from kwho.detect.examples import Story
from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.reports.attack import tactics, techniques
from kwho.reports.markdown import code, prose
from kwho.reports.rules import condition_of, needs_of
from kwho.schema.finding import SEVERITIES

Entry = Rule | Correlation
Links = Mapping[str, Entry]
"""The rules by id, to link to."""


class Handbook(NamedTuple):
    """Everything that the pages are made of."""

    rules: RuleSet
    stories: Sequence[Story]
    catalog: Catalog


def pages(handbook: Handbook) -> dict[str, str]:
    """All pages by file name: one per rule, `index.md`, `attack.md` and `catalog.md`."""
    entries = _entries(handbook.rules)
    links = links_of(handbook.rules)
    made = {
        "index.md": _list(entries, handbook.rules),
        "attack.md": _coverage(entries),
        "catalog.md": _catalog(entries, handbook.catalog),
    }
    for entry in entries:
        own = [story for story in handbook.stories if story.rule == entry.id]
        made[file_of(entry)] = rule_markdown(entry, own, links)
    return {name: "\n".join(lines) + "\n" for name, lines in made.items()}


def links_of(rules: RuleSet) -> dict[str, Entry]:
    """The rules and correlations by id."""
    entries: tuple[Entry, ...] = (*rules.rules, *rules.correlations)
    return {entry.id: entry for entry in entries}


def file_of(entry: Entry) -> str:
    """The file name of the page of a rule: its name, else its id."""
    return f"{entry.name or entry.id}.md"


def rule_markdown(entry: Entry, stories: Sequence[Story], links: Links) -> Iterator[str]:
    """The page of one rule, line by line; `stories` are its own."""
    yield f"# {prose(entry.title)}"
    yield ""
    kind = "correlation" if isinstance(entry, Correlation) else "rule"
    rows = f" · {', '.join(entry.detections)}" if entry.detections else ""
    name = code(entry.name or entry.id)
    yield f"{entry.level.capitalize()} {kind}, {prose(entry.status)}{rows} · {name} · [all rules](index.md)"
    yield from _paragraph(entry.description)
    yield from _condition(entry, links)
    yield from _bullets("What the log must record", (prose(text) for text in needs_of(entry.needs) if text))
    yield from _bullets("What it does not see", map(prose, entry.blind_spots))
    yield from _bullets("What honest work looks the same", map(prose, entry.falsepositives))
    yield from _bullets("What to do", map(prose, entry.response))
    yield from _bullets("Fires, for example, when", (prose(story.why) for story in stories if story.fires))
    yield from _bullets("Stays silent, for example, when", (prose(story.why) for story in stories if not story.fires))
    yield from _bullets("ATT&CK", _attack(entry.tags))
    yield from _bullets("References", (f"<{url}>" if _is_url(url) else code(url) for url in entry.references))


def _condition(entry: Entry, links: Links) -> Iterator[str]:
    yield ""
    yield "## When it fires"
    yield ""
    if isinstance(entry, Rule):
        yield from ("```text", *condition_of(entry, {}), "```")
        feeding = [other for other in links.values() if isinstance(other, Correlation) and entry.id in other.rules]
        if feeding:
            yield ""
            yield f"{'It only feeds' if entry.silent else 'It also feeds'} {_linked(feeding)}."
        return
    yield from (prose(text) for text in condition_of(entry, {name: other.title for name, other in links.items()}))
    if entry.rules:
        yield ""
        yield f"Made of {_linked([links[name] for name in entry.rules if name in links])}."


def _attack(tags: tuple[str, ...]) -> Iterator[str]:
    names, phases = attack_table()
    yield from (f"[{name}](attack.md) {prose(names.get(name, ''))}".strip() for name in techniques(tags))
    yield from (prose(phases.get(name, name)) for name in tactics(tags))


def _list(entries: Sequence[Entry], rules: RuleSet) -> Iterator[str]:
    silent = sum(isinstance(entry, Rule) and entry.silent for entry in entries)
    yield "# The rules of the pack"
    yield ""
    yield (
        f"{len(rules.rules)} rules, {silent} of which only feed correlations, and {len(rules.correlations)} "
        "correlations. The pages are made of the rule files; `kwho rules show ID` tells the same. See also "
        "[what they cover of ATT&CK](attack.md) and [of the catalog of detections](catalog.md), "
        "[the form of rules](../rules.md) and [how the pack was made](../../explanation/rule-pack.md)."
    )
    for level in reversed(SEVERITIES):
        chosen = [entry for entry in entries if entry.level == level and not _feeds_only(entry)]
        yield from _table(f"{level.capitalize()}", ("rule", "rows", "tactics"), map(_row, chosen))
    feeders = [entry for entry in entries if _feeds_only(entry)]
    yield from _table("Rules that only feed correlations", ("rule", "rows", "tactics"), map(_row, feeders))


def _coverage(entries: Sequence[Entry]) -> Iterator[str]:
    names, phases = attack_table()
    told = [entry for entry in entries if not _feeds_only(entry)]
    yield "# What the rules cover of ATT&CK"
    yield ""
    yield (
        "By the tags of the rules, those left out that only feed correlations. A technique is covered when a rule "
        "recognises a way to perform it that shows in audit logs; that is seldom every way. Techniques without a rule "
        "are those of ATT&CK for containers, and some beside, of which audit logs could give evidence."
    )
    by_tactic = {slug: [entry for entry in told if slug in tactics(entry.tags)] for slug in phases}
    rows = ((prose(phases[slug]), str(len(found))) for slug, found in by_tactic.items())
    yield from _table("Tactics", ("tactic", "rules"), rows)
    by_technique = {name: [entry for entry in told if name in techniques(entry.tags)] for name in names}
    covered = ((f"{name} {prose(names[name])}", _linked(found)) for name, found in by_technique.items() if found)
    yield from _table("Techniques", ("technique", "rules"), covered)
    yield from _bullets(
        "Techniques without a rule",
        (f"{name} {prose(names[name])}" for name, found in by_technique.items() if not found),
    )


def _catalog(entries: Sequence[Entry], catalog: Catalog) -> Iterator[str]:
    covered = {row: [entry for entry in entries if row in entry.detections] for row in catalog.rows()}
    known = sum(bool(found) for found in covered.values())
    yield "# What the rules cover of the catalog"
    yield ""
    yield (
        f"The catalog numbers what is worth detecting in audit logs: {len(covered)} rows, of which {known} have a "
        "rule. A rule names the rows that it implements (`kwho.detections`)."
    )
    for family, title in catalog.families():
        rows = ((row, _linked(found)) for row, found in covered.items() if row[0] == family and found)
        yield from _table(prose(title), ("row", "rules"), rows)
    gaps = ((row, prose(catalog.missing.get(row, "not written yet"))) for row, found in covered.items() if not found)
    yield from _table("Rows without a rule, and why", ("row", "reason"), gaps)
    yield from _bullets("What no audit log shows", map(prose, catalog.elsewhere))


def _entries(rules: RuleSet) -> list[Entry]:
    return sorted((*rules.rules, *rules.correlations), key=lambda entry: (entry.title, entry.id))


def _feeds_only(entry: Entry) -> bool:
    return isinstance(entry, Rule) and entry.silent


def _row(entry: Entry) -> tuple[str, ...]:
    _, phases = attack_table()
    return _link(entry), ", ".join(entry.detections), ", ".join(phases[name] for name in tactics(entry.tags))


def _link(entry: Entry) -> str:
    return f"[{prose(entry.title)}]({file_of(entry)})"


def _linked(entries: Iterable[Entry]) -> str:
    return ", ".join(map(_link, entries))


def _paragraph(text: str) -> Iterator[str]:
    if text:
        yield ""
        yield prose(" ".join(text.split()))


def _bullets(title: str, texts: Iterable[str]) -> Iterator[str]:
    told = list(texts)
    if told:
        yield from ("", f"## {title}", "")
        yield from (f"- {text}" for text in told)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    told = list(rows)
    if told:
        yield from ("", f"## {title}", "")
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        yield from (f"| {' | '.join(row)} |" for row in told)


def _is_url(text: str) -> bool:
    return text.startswith("https://") and text.isascii() and not any(sign in text for sign in " <>\t\"'`")
