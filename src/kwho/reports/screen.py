"""The ranked screen of a scan: can the log be believed, what matters, who is busy, and one next command."""

from collections.abc import Iterable, Iterator
from typing import Final

from kwho.detect.health import OF_SITE
from kwho.reports.activity import OUTCOMES, bins
from kwho.reports.incident import incident_brief, stopped
from kwho.reports.pen import BLANK, Cell, Line, Pen, Style
from kwho.reports.problem import barren_line, problem_line
from kwho.reports.scan import (
    Group,
    Row,
    ScanDocument,
    health_line,
    lack_of,
    ledger_line,
    rows,
    telling,
    verdict_of,
)
from kwho.reports.servers import servers
from kwho.reports.text import cut, pieces
from kwho.reports.words import (
    NAMELESS,
    NO_RESOURCE,
    NOBODY,
    counted,
    excluded_by,
    interval,
    name_of,
    number,
    object_of,
    severity_word,
    share,
)
from kwho.schema.finding import Finding, Span
from kwho.schema.incident import Incident
from kwho.schema.result import Talker

PROBLEMS: Final = 5
"""Problems, empty files, gaps and notes shown each; the rest is counted."""
INCIDENTS: Final = 10
ROWS: Final = 12
ROW: Final = 19
"""Column at which the title of a row begins."""
WIDEST: Final = 120
"""Columns beyond which an id does not move away from its title."""
TITLE: Final = 24
"""Columns that a title has at least."""
GROUPS: Final = 30
TALKERS: Final = 3
LONG: Final = 80
"""Columns of one name among the busiest."""
ADVICE: Final = "check the paths, and whether you may read them; - stands for standard input"

GOOD: Final[Style] = "good"
BAD: Final[Style] = "bad"

_KINDS: Final = {"service_account": "service account", "system": "system component", "human": "person"}
_SPARKS: Final = "▁▂▃▄▅▆▇█"


def screen(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    """Every line of the screen, top to bottom."""
    if not scan.result.complete:
        yield from stopped(pen)
    yield from _input(scan, pen)
    if scan.result.input.events or scan.result.input.filtered_by.get("user"):
        yield from _source(scan, pen)
        yield from _rules(scan, pen)
        yield from _notes(scan, pen)
        yield from _findings(scan, pen)
        yield from _statistics(scan, pen)
        if not scan.result.complete:  # the first one is out of sight
            yield from stopped(pen)
    else:
        yield from _notes(scan, pen)
    yield BLANK
    yield from _next(scan, pen)


def _next(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    """Commands to go on with: the one that fits best, and how one finding is told in full."""
    commands = [scan.next]
    if scan.result.incidents and scan.ranked and scan.next == scan.asked.story(scan.result.incidents[0].id):
        commands.append(scan.asked.show(scan.ranked[0].id))
    for at, command in enumerate(commands):
        yield pen.command("" if at else "next:", command, hang=6, style="bold")
    shown = [*commands, *(_told_by(incident, scan, pen) for incident in scan.result.incidents[:1])]
    if unsaid := scan.asked.unsaid(" ".join(shown)):
        yield from pen.wrap("", unsaid, hang=6, style="dim")


def _input(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    counts, (holds, verdict) = scan.result.input, verdict_of(scan.result)
    style, sign = (GOOD, "✔") if holds else (BAD, "✘")
    if counts.records == counts.unreadable:
        where = "" if scan.result.files else f" in {', '.join(scan.asked.paths)}"
        yield from pen.wrap("INPUT", f"{sign} {verdict}{where}", style=style)
        yield from _problems(scan, pen)
        if not counts.records:
            yield from _barren(scan, pen)
        elif scan.result.complete:
            yield from pen.wrap("", ADVICE, style="dim")
        return
    yield from pen.wrap("INPUT", ledger_line(counts))
    yield from pen.wrap("", f"{sign} {verdict}", style=style)
    yield from pen.wrap("", f"{counted(counts.requests, 'request')} in {_files(scan)}", style="dim")
    reasons = sorted(scan.result.statistics.reasons.items(), key=lambda item: (-item[1], item[0]))
    if reasons:
        told = [f"{number(count)} {reason}" for reason, count in reasons[:PROBLEMS]]
        yield from pen.wrap("", [*told, "…"] if len(reasons) > PROBLEMS else told, style="dim")
    yield from _problems(scan, pen)
    yield from _barren(scan, pen)


def _files(scan: ScanDocument) -> str:
    formats = scan.result.formats
    named = f"{', '.join(formats[:6])}{', …' if len(formats) > 6 else ''}" if formats else "no known format"
    return f"{counted(len(scan.result.files), 'file')} ({named})"


def _barren(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    """Files without any audit event, and an input without one."""
    if lack := lack_of(scan.result):
        said = "" if scan.result.input.filtered_by.get("user") else ": nothing can be said about the cluster"
        yield from pen.wrap("EMPTY", f"{lack}{said}", style=BAD, mark=BAD)
    for file in scan.barren[:PROBLEMS]:
        yield from pen.wrap("EMPTY", barren_line(file.path, file.counts.records), style="warn", mark="warn")
    yield from _more(len(scan.barren), "file without any audit event", "files without any audit event", pen)


def _problems(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    counts = scan.result.input
    lost = [problem for problem in scan.problems if problem.kind != "filtered"]
    for problem in lost[:PROBLEMS]:
        yield from pen.wrap("PROBLEM", problem_line(problem), style="warn", mark="warn")
    every = max(counts.truncated + counts.malformed + counts.unreadable, len(lost))
    yield from _more(every, "record that could not be read", "records that could not be read", pen)


def _more(every: int, noun: str, plural: str, pen: Pen) -> Iterator[Line]:
    if every > PROBLEMS:
        yield from pen.wrap("", f"… and {counted(every - PROBLEMS, f'more {noun}', f'more {plural}')}", style="dim")


def _source(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    result = scan.result
    clusters = [name for name in result.clusters if name is not None]
    named = f"{'clusters' if len(clusters) > 1 else 'cluster'} {', '.join(clusters[:6])}" if clusters else ""
    more = f" and {number(len(clusters) - 6)} more" if len(clusters) > 6 else ""
    yield from pen.wrap("SPAN", [interval(result.span), servers(result), f"{named}{more}"])
    for gap in scan.gaps[:PROBLEMS]:
        silent = " and stays silent" if gap in scan.silent else ""
        where = f" ({gap.instance})" if gap.instance else ""
        text = f"⚠ {interval(Span(gap.from_, gap.to))}{where}{silent}"
        yield from pen.wrap("GAP", text, style="warn", mark="warn")
    yield from _more(len(scan.gaps), "gap", "gaps", pen)
    given = [f"given: {path}, which says what rules can see" for name, path in scan.asked.options if name == "--policy"]
    inferred = [f"{'' if at else 'inferred: '}{told}" for at, told in enumerate(result.statistics.policy)]
    for at, sentence in enumerate((*given, *inferred)):
        yield from pen.wrap("" if at else "POLICY", sentence)


def _rules(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    health = scan.result.rules
    style: Style = "warn" if health.blind or health.invalid else ""
    yield from pen.wrap("RULES", health_line(scan.result).split(" · "), style=style)
    needs = sorted((blind.needs for blind in scan.result.blind), key=lambda need: need.startswith(OF_SITE))
    if needs:
        others = f" and {counted(len(set(needs)) - 1, 'other thing')}" if len(set(needs)) > 1 else ""
        yield from pen.wrap("", f"blind for want of {needs[0]}{others}", style="dim")
    if health.blind or health.unknown:
        yield pen.command("", scan.asked.blind(2 * pen.width))
    if scan.result.excluded.findings:
        listed = ("--show-excluded", None) in scan.asked.options
        where = "listed below, marked (excluded)" if listed else "--show-excluded lists them"
        yield from pen.wrap("HIDDEN", [excluded_by(scan.result.excluded), where])


def _notes(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    for note in scan.result.notes[:PROBLEMS]:
        yield from pen.wrap("NOTE", note, style="dim")
    yield from _more(len(scan.result.notes), "note", "notes", pen)


def _findings(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    yield pen.rule("what matters")
    if not scan.ranked:
        yield from pen.wrap("", scan.headline, hang=0, style="bold")
        return
    yield from _incidents(scan, pen)
    first, *others = [f"{number(count)} {level}" for level, count in scan.severities.items() if count]
    yield from pen.wrap("", [f"{counted(len(scan.ranked), 'finding')}: {first}", *others], hang=0, style="bold")
    told = telling(scan.groups)
    for group in scan.groups[: min(told, GROUPS)]:
        yield from _group(group, scan, pen)
    if rest := scan.groups[GROUPS:told]:
        hidden = sum(len(group.findings) for group in rest)
        who = counted(len(rest), "more principal")
        text = f"… and {counted(hidden, 'finding')} about {who}: --out html=FILE lists them"
        yield from pen.wrap("", text, hang=0, style="dim")
    yield from _background(scan.groups[told:], pen)


def _incidents(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    """What belongs together, before the findings one by one."""
    found = scan.result.incidents
    if not found:
        return
    yield from pen.wrap("", counted(len(found), "incident"), hang=0, style="bold")
    for incident in found[:INCIDENTS]:
        yield from incident_brief(incident, pen, _told_by(incident, scan, pen))
    yield from _rest(len(found) - INCIDENTS, "more incident", pen)
    yield BLANK


def _told_by(incident: Incident, scan: ScanDocument, pen: Pen) -> str:
    """The command of one incident among others, where a long one would be in the way."""
    return scan.asked.story(incident.id, 2 * pen.width)


def _background(groups: tuple[Group, ...], pen: Pen) -> Iterator[Line]:
    """The principals about whom nothing grave is told, by rule."""
    if not groups:
        return
    found = [finding for group in groups for finding in group.findings]
    yield BLANK
    who = f"{counted(len(groups), 'more principal')}, nothing above {groups[0].severity}"
    yield from pen.wrap("", f"{who} ({counted(len(found), 'finding')})", hang=0, style="bold")
    grave = groups[0].severity != "informational"
    by_rule = rows(finding for finding in found if not grave or finding.severity != "informational")
    for row in by_rule[:ROWS]:
        users = {(finding.cluster, finding.principal.user) for finding in row.findings}
        who = name_of(row.top.principal.user) if len(users) == 1 else counted(len(users), "principal")
        yield from _row(row, who, pen)
    yield from _rest(len(by_rule) - ROWS, "more rule", pen)
    if grave:
        yield from _activities(found, pen)


def _rest(hidden: int, noun: str, pen: Pen) -> Iterator[Line]:
    if hidden > 0:
        yield from pen.wrap("", f"… and {counted(hidden, noun)}", hang=2, style="dim")


def _group(group: Group, scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    kind = _KINDS.get(group.kind, group.kind)
    where = f" in {group.cluster or 'a cluster without a name'}" if len(scan.result.clusters) > 1 else ""
    yield BLANK
    head = f"{name_of(group.user)}{where}"
    tail = f"({kind}, {counted(group.rules, 'rule')}, {interval(group.span)})"
    if len(head) + len(tail) < pen.width:
        yield pen.cells([Cell(head, 0, "bold"), Cell(tail, 0, "dim")])
    else:
        yield from pen.wrap("", head, hang=0, style="bold")
        yield from pen.wrap("", tail, hang=2, style="dim")
    grave = group.severity != "informational"
    by_rule = rows(finding for finding in group.findings if not grave or finding.severity != "informational")
    for row in by_rule[:ROWS]:
        borrowed = {finding.principal.impersonated.user for finding in row.findings if finding.principal.impersonated}
        yield from _row(row, " · ".join(f"as {name_of(user)}" for user in sorted(borrowed, key=str)[:2]), pen)
    hidden = sum(len(row.findings) for row in by_rule[ROWS:])
    yield from _rest(hidden, "more finding", pen)
    if grave:
        yield from _activities(group.findings, pen)


def _activities(findings: Iterable[Finding], pen: Pen) -> Iterator[Line]:
    """What is informational beside graver findings, in one line."""
    by_rule = rows(finding for finding in findings if finding.severity == "informational")
    if not by_rule:
        return
    total = f"×{number(sum(row.count for row in by_rule))}"
    yield pen.cells(
        [Cell("", 1), Cell("INFO", 8, "informational"), Cell(total, 7, right=True), Cell("activity", 0, "dim")]
    )
    named = [f"{row.top.title} ×{number(row.count)}" for row in by_rule[:ROWS]]
    rest = len(by_rule) - len(named)
    yield from pen.wrap("", [*named, f"{number(rest)} more"] if rest else named, hang=19, style="dim")


def _row(row: Row, who: str, pen: Pen) -> Iterator[Line]:
    """A rule about a principal: its title in full, with the id beside it where the screen has room for both."""
    room = min(pen.width, WIDEST) - ROW - 1 - len(row.top.id)
    beside = room >= TITLE
    mark = [Cell("", 1), Cell(severity_word(row.top.severity), 8, row.top.severity)]
    count = Cell(f"×{number(row.count)}", 7, right=True)
    for at, part in enumerate(pieces(pen.safe(row.top.title), room if beside else max(pen.width - ROW, TITLE))):
        head = pen.cells([Cell("", ROW - 1)] if at else [*mark, count])
        named = Cell(row.top.id, 0, "dim") if beside and not at else Cell("")
        yield (*head, *pen.cells([Cell(""), Cell(part, room if beside else 0, "bold"), named]))
    others = f" and {counted(row.targets - 1, 'more target')}" if row.targets > 1 else ""
    several = counted(len(row.findings), "finding") if len(row.findings) > 1 else ""
    parts = (
        "" if beside else row.top.id,
        several,
        who,
        f"{object_of(row.top)}{others}",
        row.outcome,
        interval(row.span),
    )
    yield from pen.wrap("", parts, hang=ROW, style="dim")


def _statistics(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    statistics, events = scan.result.statistics, scan.result.input.events
    if not events:
        return
    yield BLANK
    yield pen.rule("who is busy")
    for label, talkers in (
        ("users", statistics.users),
        ("peers", statistics.peers),
        ("agents", statistics.agents),
        ("targets", statistics.resources),
        ("verbs", statistics.verbs),
        ("outcomes", statistics.outcomes),
    ):
        yield from _talkers(label, talkers, events, statistics.distinct.get(label), pen)
    yield from _activity(scan, pen)
    for label, count, what in (
        ("slow", statistics.slow, ""),
        ("throttled", statistics.throttled, ""),
        ("old APIs", statistics.deprecated, " of deprecated APIs"),
        ("no answer", statistics.orphans, " seen only when received: not judged"),
    ):
        if count:
            text = f"{counted(count, 'request')}{what}"
            yield from pen.wrap(label, _trouble(scan, label, text), hang=10, mark="dim")


def _talkers(label: str, talkers: tuple[Talker, ...], events: int, distinct: int | None, pen: Pen) -> Iterator[Line]:
    if not talkers:
        return
    nameless = {"users": NOBODY, "targets": NO_RESOURCE}.get(label, NAMELESS)
    named = [
        f"{cut(pen.safe(name_of(talker.name, nameless)), LONG)} {share(talker.events, events)}"
        for talker in talkers[:TALKERS]
    ]
    rest = (distinct or len(talkers)) - len(named)
    yield from pen.wrap(label, [*named, f"{number(rest)} more"] if rest > 0 else named, hang=10, mark="dim")


def _activity(scan: ScanDocument, pen: Pen) -> Iterator[Line]:
    steps = bins(scan.result.statistics.activity, max(12, min(72, pen.width - 48)))
    if not steps:
        return
    totals = [step.total for step in steps]
    hours = counted(steps[0].hours, "hour")
    text = f"{_spark(totals)} {counted(max(totals), 'event')} at most in {hours} (UTC)"
    yield from pen.wrap("activity", text, hang=10, mark="dim")
    refused = [step.counts[OUTCOMES.index("refused")] for step in steps]
    if any(refused):
        yield from pen.wrap("refused", f"{_spark(refused)} {number(max(refused))} at most", hang=10, mark="dim")


def _spark(counts: list[int]) -> str:
    most = max(counts) or 1
    return "".join(_SPARKS[min(7, -(-8 * count // most) - 1)] if count else "_" for count in counts)


def _trouble(scan: ScanDocument, label: str, text: str) -> str:
    statistics = scan.result.statistics
    if label == "slow" and statistics.slowest:
        worst = statistics.slowest[0]
        return f"{text}; the slowest took {worst.seconds:.1f} s: {worst.verb} {worst.uri} by {name_of(worst.user)}"
    named = {"throttled": statistics.throttled_resources, "old APIs": statistics.deprecated_apis}.get(label, ())
    return (
        f"{text}: {', '.join(f'{name_of(t.name, NAMELESS)} {number(t.events)}' for t in named[:TALKERS])}"
        if named
        else text
    )
