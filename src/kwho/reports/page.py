"""The page of a scan: one self-contained HTML file that a manager can read and an engineer can check.

No script, no request to anywhere: the style stands in the page and charts are inline SVG. Everything hostile passes
`markup.escaped`.
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from kwho.reports.activity import bins
from kwho.reports.charts import STEPS, activity_chart, bar_chart
from kwho.reports.claims import row_entry
from kwho.reports.health import alike
from kwho.reports.incident import BELOW
from kwho.reports.markup import Html, element, join, table
from kwho.reports.problem import place
from kwho.reports.scan import (
    LEDGER,
    Group,
    ScanDocument,
    health_line,
    ledger_terms,
    rows,
    telling,
    title_of,
    verdict_of,
)
from kwho.reports.servers import servers
from kwho.reports.style import STYLE
from kwho.reports.tale import INCIDENTS, Lack, incident_entry
from kwho.reports.words import NAMELESS, NO_RESOURCE, counted, excluded_by, interval, moment, name_of, number
from kwho.schema.finding import Span
from kwho.schema.ledger import Counts

FINDINGS: Final = 2_000
"""Findings on one page; the rest is counted. The machine formats hold all."""
PROBLEMS: Final = 200

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_KINDS: Final = {"service_account": "service account", "system": "system component", "human": "person"}


def page(scan: ScanDocument) -> Iterator[Html]:
    """The page, section by section."""
    yield Html("<!DOCTYPE html>\n")
    yield Html('<html lang="en">\n')
    yield element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", "Kubernetes audit log: what kwho found"),
        element("style", Html(STYLE)),
    )
    yield Html("\n<body>\n<main>\n")
    yield _opening(scan)
    yield _contents(scan)
    yield _keys(scan)
    yield _incidents(scan)
    yield from _findings(scan)
    yield _activity(scan)
    yield _ledger(scan)
    yield _source(scan)
    yield _rules(scan)
    yield _trouble(scan)
    yield _reading()
    yield _colophon(scan)
    yield Html("</main>\n</body>\n</html>\n")


def _section(title: str, anchor: str, *children: Html) -> Html:
    inner = join([element("h2", title), *children])
    return Html(f"{element('section', inner, id=anchor, aria_label=title)}\n")


def _opening(scan: ScanDocument) -> Html:
    stopped = [] if scan.result.complete else [element("p", "This scan was stopped before its end.", class_="alarm")]
    sentences = element("ul", *(element("li", sentence) for sentence in scan.sentences))
    kicker = element("p", f"Kubernetes audit log · {interval(scan.result.span)}", class_="kicker")
    headline = scan.headline[:1].upper() + scan.headline[1:] + "."
    return element("header", kicker, element("h1", headline), *stopped, sentences)


def _contents(scan: ScanDocument) -> Html:
    """Links to the sections of the page, which is long."""
    parts = [
        ("incidents", "What belongs together"),
        ("findings", "What matters"),
        ("activity", "Activity"),
        ("ledger", "Can the log be believed?"),
        ("source", "Where the log comes from"),
        ("rules", "What could be seen"),
        ("trouble", "Slow, throttled, deprecated"),
        ("reading", "How to read this report"),
    ]
    links = [
        element("a", title, href=f"#{anchor}")
        for anchor, title in parts
        if anchor != "incidents" or scan.result.incidents
    ]
    return Html(f"{element('nav', *links, aria_label='Contents')}\n")


def _keys(scan: ScanDocument) -> Html:
    counts = scan.result.input
    told: list[tuple[str, str, str]] = [
        (level, number(count), f"s-{level}" if count else "s-none") for level, count in scan.severities.items()
    ]
    told += [
        ("incidents", number(len(scan.result.incidents)), ""),
        ("principals", number(len(scan.groups)), ""),
        ("records read", number(counts.records), ""),
        ("audit events", number(counts.events), ""),
        ("could not be read", number(counts.truncated + counts.malformed + counts.unreadable), ""),
        ("rules that looked", number(scan.result.rules.active), ""),
        ("rules blind", number(scan.result.rules.blind), ""),
    ]
    cards = [
        element("div", element("dt", name), element("dd", value), class_=f"card {mark}") for name, value, mark in told
    ]
    return _section("Key numbers", "numbers", element("dl", *cards, class_="cards"))


def _incidents(scan: ScanDocument) -> Html:
    found = scan.result.incidents
    if not found:
        return Html("")
    lack = _lack(scan)
    entries = [incident_entry(incident, lack) for incident in found[:INCIDENTS]]
    if len(found) > INCIDENTS:
        entries.append(element("p", f"… and {counted(len(found) - INCIDENTS, 'more incident')}.", class_="alarm"))
    return _section("What belongs together", "incidents", *entries)


def _lack(scan: ScanDocument) -> Lack:
    shown = {finding.id for finding in islice(chain.from_iterable(group.findings for group in scan.groups), FINDINGS)}
    listed = {finding.id for finding in scan.ranked}
    return lambda finding: "" if finding in shown else "beyond the findings shown" if finding in listed else BELOW


def _findings(scan: ScanDocument) -> Iterator[Html]:
    yield Html('<section id="findings" aria-label="Findings">\n')
    yield element("h2", "What matters")
    if not scan.ranked:
        yield element("p", f"{scan.headline[:1].upper()}{scan.headline[1:]}.")
    told = telling(scan.groups)
    quiet = scan.groups[told:]
    room = FINDINGS
    for group in scan.groups[:told]:
        if room > 0:
            yield _group(group, scan, room)
        room -= len(group.findings)
    if quiet and room > 0:
        yield from _background(quiet, scan, room)
    if len(scan.ranked) > FINDINGS:
        hidden = counted(len(scan.ranked) - FINDINGS, "more finding")
        yield element("p", f"… and {hidden}; `--format jsonl` lists them all.", class_="alarm")
    yield Html("</section>\n")


def _background(quiet: tuple[Group, ...], scan: ScanDocument, room: int) -> Iterator[Html]:
    found = counted(sum(len(group.findings) for group in quiet), "finding")
    yield Html('<details class="quiet-ones">')
    yield element("summary", f"{counted(len(quiet), 'more principal')}, nothing above {quiet[0].severity}: {found}")
    for group in quiet:
        if room > 0:
            yield _group(group, scan, room)
        room -= len(group.findings)
    yield Html("</details>\n")


def _group(group: Group, scan: ScanDocument, room: int) -> Html:
    kind = _KINDS.get(group.kind, group.kind)
    where = f", cluster {group.cluster}" if group.cluster else ""
    sums = f"{counted(len(group.findings), 'finding')} of {counted(group.rules, 'rule')}"
    told = f"{kind}{where} · {sums} · {interval(group.span)}"
    entries = [row_entry(row, scan.rules) for row in rows(group.findings[:room])]
    head = join([element("h3", name_of(group.user)), element("p", told, class_="quiet")])
    return Html(f"{element('article', head, *entries, class_='who')}\n")


def _activity(scan: ScanDocument) -> Html:
    statistics, events = scan.result.statistics, scan.result.input.events
    return _section(
        "Activity",
        "activity",
        activity_chart(bins(statistics.activity, STEPS)),
        bar_chart("Busiest users", statistics.users, events),
        bar_chart("Busiest resources", statistics.resources, events, NO_RESOURCE),
        bar_chart("Outcomes", statistics.outcomes, events),
        bar_chart("Busiest addresses", statistics.peers, events),
        bar_chart("Busiest agents", statistics.agents, events),
        bar_chart("Verbs", statistics.verbs, events),
    )


def _row(name: str, kind: str, counts: Counts) -> tuple[str, ...]:
    return (name, kind, number(counts.records), *(number(count) for _, count in ledger_terms(counts)))


def _ledger(scan: ScanDocument) -> Html:
    counts = scan.result.input
    holds, said = verdict_of(scan.result)
    whole = f"The input {said}" if counts.records != counts.unreadable else f"{said[:1].upper()}{said[1:]}"
    verdict = element("p", f"{'✔' if holds else '✘'} {whole}.", class_="fine" if holds else "alarm")
    rows = [_row(file.path, file.format or "—", file.counts) for file in scan.result.files]
    files = table(
        "What became of every record",
        ("file", "format", "records", *LEDGER),
        [*rows, _row("all", "", counts)],
        numeric=tuple(range(2, 9)),
    )
    reasons = [(reason, number(count)) for reason, count in sorted(scan.result.statistics.reasons.items())]
    why = [table("Why records are no events", ("reason", "records"), reasons, numeric=(1,))] if reasons else []
    return _section("Can the log be believed?", "ledger", verdict, files, *why, *_problems(scan))


def _problems(scan: ScanDocument) -> list[Html]:
    found = [(place(p), p.kind, p.reason, p.audit_id or "", p.excerpt) for p in scan.problems[:PROBLEMS]]
    if not found:
        return []
    inner = table("Records that are no events", ("file:line:byte", "kind", "reason", "audit id", "begins with"), found)
    more = len(scan.problems) - len(found)
    rest = [element("p", f"… and {number(more)} more.")] if more > 0 else []
    return [element("details", element("summary", counted(len(found), "problem")), inner, *rest)]


def _source(scan: ScanDocument) -> Html:
    result = scan.result
    clusters = ", ".join(name for name in result.clusters if name is not None) or "not named in this log"
    facts = element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value))
            for name, value in (("span", interval(result.span)), ("source", servers(result)), ("clusters", clusters))
        ),
        class_="facts",
    )
    gaps = [
        (
            interval(Span(gap.from_, gap.to)),
            gap.instance or "—",
            "silent until the log ends" if gap in scan.silent else "",
        )
        for gap in scan.gaps
    ]
    told = [table("Silences", ("when", "API server", ""), gaps)] if gaps else [element("p", "No silence was seen.")]
    policy = [
        element("h3", "What this log records, as far as it shows"),
        element("ul", *(element("li", line) for line in result.statistics.policy)),
    ]
    return _section("Where the log comes from", "source", facts, *told, *(policy if result.statistics.policy else []))


def _rules(scan: ScanDocument) -> Html:
    result = scan.result
    parts = [element("p", f"Rules: {health_line(result)}.")]
    for caption, items in (
        ("Rules that cannot fire on this log", result.blind),
        ("What active rules cannot see of what they watch", result.partly_blind),
    ):
        if items:
            dark = [(" · ".join(title_of(b.rule, scan) for b in rules), *lack) for lack, rules in alike(items).items()]
            parts.append(table(caption, ("rules", "needs", "how we know", "what helps"), dark))
    if result.unknown:
        inner = element("ul", *(element("li", title_of(rule, scan)) for rule in result.unknown))
        parts.append(
            element("details", element("summary", f"{len(result.unknown)} unknown: too little log to tell"), inner)
        )
    if result.excluded.findings:
        parts.append(element("p", f"{excluded_by(result.excluded)}."))
    if result.notes:
        parts += [element("h3", "Notes"), element("ul", *(element("li", note) for note in result.notes))]
    return _section("What could be seen", "rules", *parts)


def _trouble(scan: ScanDocument) -> Html:
    statistics = scan.result.statistics
    parts: list[Html] = []
    if statistics.slowest:
        rows = [
            (f"{s.seconds:.1f} s", s.verb or "", s.uri or "", name_of(s.user), moment(s.time))
            for s in statistics.slowest
        ]
        parts.append(
            table(
                f"Slowest of {counted(statistics.slow, 'slow request')}", ("took", "verb", "uri", "user", "when"), rows
            )
        )
    for count, what, talkers in (
        (statistics.throttled, "Throttled requests", statistics.throttled_resources),
        (statistics.deprecated, "Requests of deprecated APIs", statistics.deprecated_apis),
    ):
        if count:
            named = [(name_of(talker.name, NAMELESS), number(talker.events)) for talker in talkers]
            parts.append(table(f"{what}: {number(count)}", ("name", "requests"), named, numeric=(1,)))
    if statistics.orphans:
        parts.append(
            element("p", f"{counted(statistics.orphans, 'request')} seen only when received, with no later stage.")
        )
    return _section(
        "Slow, throttled, deprecated", "trouble", *(parts or [element("p", "Nothing of the kind was seen.")])
    )


def _reading() -> Html:
    lines = (
        "A finding is what a rule claims about one principal: a lead, not a verdict. Open it for the proof.",
        "Every proof names file, line and byte of the event, so that anybody can check it.",
        "A principal is the authenticated caller. Claimed addresses and the agent are the client's own words.",
        "A blind rule cannot fire on this log; that it found nothing says nothing.",
        "Severity is the rule's opinion of the act; whether the act was allowed to this person only you can know.",
        "Secrets are masked unless the scan was told to reveal them.",
    )
    return _section("How to read this report", "reading", element("ul", *(element("li", line) for line in lines)))


def _colophon(scan: ScanDocument) -> Html:
    versions = " · ".join(f"{name} {version}" for name, version in sorted(scan.result.versions.items()))
    command = [element("p", "Made by ", element("code", scan.command))] if scan.command else []
    going_on = element("p", "Go on with ", element("code", scan.next))
    return element("footer", *command, going_on, element("p", versions))
