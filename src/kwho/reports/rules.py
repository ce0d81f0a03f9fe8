"""Rules as documents: the list of all, and the page of one; texts of rule files are escaped like those of events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from kwho.detect.examples import Story
from kwho.detect.health import OF_SITE, SITE
from kwho.detect.pack import Entry, entries
from kwho.detect.rule import Correlation, Needs, Refused, Rule, RuleSet
from kwho.query.unparse import unparse
from kwho.reports.condition import condition_lines
from kwho.reports.exclusion import exclusion_object, exclusion_table
from kwho.reports.text import cut, pad, pieces, printable
from kwho.reports.words import counted

_SYMBOLS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}
_FACTS: Final = {
    "silence": "an API server that speaks every minute is silent for more than five",
    "orphans": "patches that were received and never answered",
    "moved_token": "a token that is bound to a pod is used from several addresses",
    "strayed_token": "a token that is bound to a pod is used where only the kubelet of another node speaks",
    "shared_credential": "another credential is used from several networks within one hour",
    "lowered_level": "writes whose bodies were recorded until an hour, and never since",
    "clock_leapt": "requests answered before they were received, or on their way all through a silence",
    "reused_id": "one audit ID on requests of different users, on different targets, or by different URIs",
}
_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_NAME: Final = 30
"""Columns of the name, by which the other commands know a rule; longer ones stretch it."""


def rule_objects(rules: RuleSet) -> dict[str, Any]:
    """The JSON contract of `kwho rules list --format json`."""
    exclusions = [exclusion_object(entry) for entry in rules.exclusions]
    return {"schema_version": 1, "rules": [_object(entry) for entry in entries(rules)], "exclusions": exclusions}


def rule_table(rules: RuleSet, width: int) -> Iterator[str]:
    """One line for each rule in order of level and title, then exclusions, what was refused and why, and the sums."""
    loaded: list[Rule | Correlation] = [*rules.rules, *rules.correlations]
    yield f"{'LEVEL':<14}{'ROWS':<9}{'NAME':<{_NAME}}TITLE"
    for entry in sorted(loaded, key=_rank):
        rows = cut(printable(",".join(entry.detections)) or "-", 8)
        name = pad(cut(printable(entry.name or entry.id), max(width - 24, 20)) + " ", _NAME)
        title = cut(printable(entry.title) + _note(entry), max(width - 23 - len(name), 0))
        yield f"{entry.level:<14}{pad(rows, 9)}{name}{title}".rstrip()
    yield from exclusion_table(rules.exclusions, width)
    if rules.refused:
        yield ""
        yield counted(len(rules.refused), "refused rule") + ":"
        for refused in rules.refused:
            yield f"  {printable(refused.title or refused.path)}"
            yield from (f"    {line}" for line in pieces(printable(refused.reason), max(width - 4, 20)))
    yield ""
    yield (
        f"{counted(len(rules.rules), 'rule')}, {counted(len(rules.correlations), 'correlation')}, "
        f"{len(rules.refused)} refused"
        + (f", {counted(len(rules.exclusions), 'exclusion')}" if rules.exclusions else "")
    )


def rule_page(
    entry: Entry, stories: Sequence[Story], titles: Mapping[str, str], techniques: Mapping[str, str], width: int
) -> Iterator[str]:
    """Everything a person wants to know of one rule; `titles` names rules by id, `techniques` ATT&CK tags."""
    yield printable(entry.title or entry.path)
    if isinstance(entry, Refused):
        yield from _section("Refused", [entry.reason], width)
        return
    kind = "correlation" if isinstance(entry, Correlation) else "rule"
    name = f" · {printable(entry.name)}" if entry.name else ""
    yield f"{printable(entry.id)}{name}"
    yield f"{entry.level} {kind}, {printable(entry.status)}, {printable(entry.path)}{_note(entry)}"
    yield from _section("", [entry.description], width)
    if isinstance(entry, Rule):
        yield from ("", "Condition", *(f"  {line}" for line in condition_lines(entry.condition, width - 2)))
    else:
        yield from _section("Condition", condition_of(entry, titles), width)
    yield from _section("Needs", needs_of(entry.needs), width)
    yield from _section("Detections", [", ".join(entry.detections)], width)
    attack = [f"{tag.removeprefix('attack.')}  {techniques.get(tag, '')}".strip() for tag in entry.tags]
    yield from _section("ATT&CK and tags", attack, width)
    yield from _section("Does not see", entry.blind_spots, width, mark="- ")
    yield from _section("Honest causes", entry.falsepositives, width, mark="- ")
    yield from _section("What to do", entry.response, width, mark="- ")
    yield from _section("Fires when", [story.why for story in stories if story.fires], width, mark="- ")
    yield from _section("Stays silent when", [story.why for story in stories if not story.fires], width, mark="- ")
    yield from _section("References", entry.references, width)


def _object(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Refused):
        known: dict[str, Any] = {"level": None, "kind": entry.kind, "status": "refused", "reason": entry.reason}
        return {"id": entry.id, "name": None, "title": entry.title, **known, "detections": [], "tags": [], "needs": {}}
    return {
        "id": entry.id,
        "name": entry.name,
        "title": entry.title,
        "level": entry.level,
        "kind": "correlation" if isinstance(entry, Correlation) else "rule",
        "status": "ok",
        "reason": None,
        "detections": list(entry.detections),
        "tags": list(entry.tags),
        "needs": {name: getattr(entry.needs, name) for name in entry.needs.__struct_fields__},
    }


def _rank(entry: Rule | Correlation) -> tuple[int, str, str]:
    order = ("critical", "high", "medium", "low", "informational")
    return order.index(entry.level), entry.title, entry.id


def _note(entry: Rule | Correlation) -> str:
    if isinstance(entry, Correlation):
        return " (correlation)"
    return " (feeds correlations only)" if entry.silent else ""


def _section(title: str, texts: Iterable[str], width: int, mark: str = "") -> Iterator[str]:
    told = [text for text in texts if text]
    if not told:
        return
    yield ""
    if title:
        yield title
    indent = "  " if title else ""
    for text in told:
        flat = " ".join(printable(part) for part in text.split())
        lines = pieces(flat, max(width - len(indent) - len(mark), 20))
        yield indent + mark + lines[0]
        yield from (indent + " " * len(mark) + line for line in lines[1:])


def condition_of(entry: Rule | Correlation, titles: Mapping[str, str]) -> list[str]:
    """When a rule fires: its condition as a query, or in words; `titles` names rules by id."""
    if isinstance(entry, Rule):
        return [unparse(entry.condition)]
    named = [titles.get(identity, identity) for identity in entry.rules]
    grouped = f" by {', '.join(entry.group_by)}" if entry.group_by else ""
    if entry.fact is not None:
        return [_FACTS[entry.fact]]
    if entry.combination:
        return [_novelty(entry, grouped, named)]
    return [_windows(entry, f"within {_span(entry.timespan)}{grouped}", named)]


def _windows(entry: Correlation, within: str, named: list[str]) -> str:
    if entry.type == "temporal_ordered":
        return f"{' → '.join(named)}, in this order, {within}"
    if entry.type == "temporal" and entry.at_least:
        return f"{entry.at_least} or more of these, in any order, {within}: {', '.join(named)}"
    if entry.type == "temporal":
        return f"{' and '.join(named)}, in any order, {within}"
    counts = f"distinct {entry.value_field}" if entry.value_field else "requests"
    among = f"each of them at least once: {' and '.join(named)}" if entry.every else f"among: {' or '.join(named)}"
    return f"{counts} {_SYMBOLS[entry.op]} {entry.threshold} {within}, {among}"


def _novelty(entry: Correlation, grouped: str, named: list[str]) -> str:
    what, span = " + ".join(entry.combination), _span(entry.timespan)
    if entry.type == "new_value":
        return f"{what} never seen{grouped} before, after {span} of log, among: {' or '.join(named)}"
    return f"{what} seen{grouped} after an absence of {span} and more, among: {' or '.join(named)}"


def needs_of(needs: Needs) -> list[str]:
    """What a log must record, in words; empty texts among them say nothing."""
    where = [f"verbs {', '.join(needs.verbs)}"] * bool(needs.verbs)
    recorded = [name for name in needs.fields if not name.startswith(SITE)]
    told = [name.removeprefix(SITE) for name in needs.fields if name.startswith(SITE)]
    where += [f"resources {', '.join(needs.resources)}"] * bool(needs.resources)
    return [
        f"audit level {needs.level} or more",
        f"stage {needs.stage}" if needs.stage else "",
        f"recorded: {', '.join(recorded)}" if recorded else "",
        f"{OF_SITE}{', '.join(told)}" if told else "",
        f"looks at {'; '.join(where)}" if where else "",
    ]


def _span(microseconds: int) -> str:
    seconds = microseconds // 1_000_000
    size, unit = next((size, unit) for size, unit in _SPANS if seconds % size == 0)
    return f"{seconds // size}{unit}"
