"""What was measured, as tables in Markdown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Final

from bench.detection.logs import VARIANTS
from bench.detection.measure import Measure
from bench.detection.score import Attack, Score, Verdict
from bench.detection.truth import PLACES

_MISSED: Final[tuple[Verdict, ...]] = ("aside", "unrecorded", "no rule", "blind", "wrong")
_HONEST = tuple(place for place in PLACES if place not in ("authorised", "set-up"))


def tables(measure: Measure) -> dict[str, str]:
    """The tables of the page on detection quality, by name."""
    everything = [score for name, score in measure.recordings.items() if "-everything-" in name]
    return {
        "recordings": _recordings(measure.recordings),
        "incidents": _incidents(measure.recordings),
        "honest": _honest(measure.recordings),
        "attacks": _attacks(measure.recordings),
        "missed": "".join(f"* {name}\n" for score in everything for name in score.missed),
        "baseline": _baseline(measure),
        "days": _days(measure.days),
    }


def _recordings(scores: Mapping[str, Score]) -> str:
    head = (
        "recording",
        "events",
        "attacks found",
        "steps told",
        "aside",
        "unrecorded",
        "no rule",
        "blind",
        "wrong",
        "seconds",
    )
    return _table(head, ((f"`{name}`", *_recording(score)) for name, score in scores.items()))


def _recording(score: Score) -> tuple[str, ...]:
    steps = score.steps
    counts = (str(steps[verdict]) for verdict in _MISSED)
    told = _share(steps["told"], steps.total())
    return (f"{score.events:,}", _share(len(score.found), len(score.attacks)), told, *counts, _seconds(score))


def _seconds(score: Score) -> str:
    """Median and the slowest of the times to the first finding above low."""
    known = [attack.seconds for attack in score.attacks.values() if attack.seconds is not None]
    return f"{median(known):.1f}, {max(known):.1f}" if known else "-"


def _incidents(scores: Mapping[str, Score]) -> str:
    per = ("incidents per attack", "attacks per incident")
    head = ("recording", "attacks in one", *per, "glued", "steps in one", "false")
    return _table(head, ((f"`{name}`", *_incident(score)) for name, score in scores.items()))


def _incident(score: Score) -> tuple[str, ...]:
    attacks = score.attacks.values()
    linked = _share(sum(attack.incidents > 0 for attack in attacks), len(attacks))
    covered = _share(sum(attack.linked for attack in attacks), score.steps.total())
    shared = "-" if score.attacks_per_incident is None else f"{score.attacks_per_incident:.2f}"
    false = "; ".join(f"{place} {count}" for place, count in score.false_incidents.items())
    return (linked, _per_attack(attacks), shared, str(score.glued), covered, false or "none")


def _honest(scores: Mapping[str, Score]) -> str:
    """Findings above low on honest work, by rule: as many as each recording has, in the order of the recordings."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for name, score in scores.items():
        for place, rules in score.false.items():
            for title, count in rules.items():
                counts.setdefault((place, title), Counter())[name] = count
    head = ("place", "rule", *(f"`{name}`" for name in scores))
    order = {str(place): number for number, place in enumerate(PLACES)}
    rows = sorted(counts.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    return _table(head, ((*key, *(str(found[name] or "") for name in scores)) for key, found in rows))


def _attacks(scores: Mapping[str, Score]) -> str:
    names = sorted({name for score in scores.values() for name in score.attacks})
    whole = next((score for name, score in scores.items() if "-everything-" in name), Score(0, 0.0))
    head = ("attack", *(f"`{name}`" for name in scores), "told by")
    cells = ((_cell(score.attacks.get(name)) for score in scores.values()) for name in names)
    rules = (_rules(whole.attacks.get(name)) for name in names)
    return _table(head, ((name, *row, by) for name, row, by in zip(names, cells, rules, strict=True)))


def _cell(attack: Attack | None) -> str:
    if attack is None:
        return "not played"
    return str(attack.severity) if attack.verdict == "told" else f"**{attack.verdict}**"


def _rules(attack: Attack | None) -> str:
    """The first three rules, and how many more."""
    rules = attack.rules if attack else ()
    return ", ".join(rules[:3]) + (f", {len(rules) - 3} more" if len(rules) > 3 else "")


def _baseline(measure: Measure) -> str:
    head = ("recording", "rules", "attacks found", "told at low or above", *_HONEST)
    rows = []
    for name in sorted(measure.baseline.keys() & measure.recordings.keys()):
        for label, score in (("kwho", measure.recordings[name]), ("SigmaHQ", measure.baseline[name])):
            any_level = sum(attack.severity not in (None, "informational") for attack in score.attacks.values())
            false = (str(sum(score.false.get(place, {}).values())) for place in _HONEST)
            total = len(score.attacks)
            rows.append((f"`{name}`", label, _share(len(score.found), total), _share(any_level, total), *false))
    return _table(head, rows)


def _days(scores: Mapping[str, Score]) -> str:
    quiet = ("days", "false findings a day", "false incidents a day")
    head = ("policy", *quiet, "attacks found", "incidents per attack", "look-alike incidents", "steps told")
    return _table(head, (_variant(variant, scores) for variant in VARIANTS if scores))


def _variant(variant: str, scores: Mapping[str, Score]) -> tuple[str, ...]:
    quiet = [score for name, score in scores.items() if name.startswith("quiet-") and name.endswith(f"-{variant}")]
    planted = [score for name, score in scores.items() if name.startswith("planted-") and name.endswith(f"-{variant}")]
    days = sum(score.hours for score in quiet) / 24
    false = sum(count for score in quiet for rules in score.false.values() for count in rules.values())
    rates = (f"{count / days:.2f}" if days else "-" for count in (false, _false_incidents(quiet)))
    attacks = [attack for score in planted for attack in score.attacks.values()]
    told = sum(attack.steps.get("told", 0) for attack in attacks)
    steps = sum(count for attack in attacks for count in attack.steps.values())
    found = _share(sum(attack.verdict == "told" for attack in attacks), len(attacks))
    alike = (_per_attack(attacks), str(_false_incidents(planted)))
    return (f"`{variant}`", f"{days:.0f}", *rates, found, *alike, _share(told, steps))


def _false_incidents(scores: Iterable[Score]) -> int:
    return sum(count for score in scores for count in score.false_incidents.values())


def _per_attack(attacks: Iterable[Attack]) -> str:
    """Incidents that hold each attack, over those that one holds."""
    linked = [attack.incidents for attack in attacks if attack.incidents]
    return f"{sum(linked) / len(linked):.2f}" if linked else "-"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(line)} |\n" for line in (head, *rows)]
    return "".join([lines[0], "|---" * len(head) + "|\n", *lines[1:]])
