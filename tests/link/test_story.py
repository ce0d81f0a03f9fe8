"""Steps, what was not seen, and advice."""

from collections.abc import Callable

import msgspec

from kwho.link.story import Horizon, advice, doubts, steps, unseen
from kwho.link.trace import Trace, gathered
from kwho.schema.finding import Target
from kwho.schema.ledger import Gap

MINUTE, HOUR = 60_000_000, 3_600_000_000

Make = Callable[..., Trace]


def test_like_requests_in_one_go_are_one_step(trace: Make) -> None:
    made = [
        trace(n, rule="list", at=n * MINUTE, verbs=("list",), target=Target(resource=kind))
        for n, kind in enumerate(("pods", "nodes", "secrets"))
    ]
    late = trace(9, rule="list", at=HOUR, verbs=("list",), target=Target(resource="roles"))
    first, second = steps([*made, late])
    assert first.findings == ("f-0000", "f-0001", "f-0002")
    assert first.events_total == 3
    assert second.findings == ("f-0009",)


def test_what_was_counted_within_one_step_belongs_to_it_and_else_stands_alone(trace: Make) -> None:
    read = trace(1, events=(1, 2), rule="read")
    inside = trace(2, events=(1, 2), rule="reads", detector="correlation")
    across = trace(3, events=(1, 7), detector="correlation", at=MINUTE)
    assert [step.findings for step in steps([read, inside, across])] == [("f-0001", "f-0002"), ("f-0003",)]


def test_of_steps_that_begin_together_the_shortest_is_told_first(trace: Make) -> None:
    asked = trace(1, rule="z-asked")
    counted = trace(2, rule="a-counted", detector="correlation", events=(1, 9))
    decided = msgspec.structs.replace(trace(3, rule="b-decided", events=(5, 6)), last=(asked.last or 0) + MINUTE)
    assert [step.finding for step in steps([counted, decided, asked])] == ["f-0001", "f-0002", "f-0003"]


def test_what_is_said_seldom_leads(trace: Make) -> None:
    common = [trace(n, rule="common", events=(n,), at=n * HOUR, severity="high") for n in range(3)]
    rare = trace(9, rule="rare", events=(0,), severity="high")
    step = steps([*common, rare])[0]
    assert (step.finding, step.findings) == ("f-0009", ("f-0009", "f-0000"))
    assert step.text.endswith(": rare; common")


def test_a_step_cites_at_most_fifty_events_and_counts_all(trace: Make) -> None:
    (step,) = steps([trace(1, events=tuple(range(100, 220)))])
    assert (len(step.events), step.events_total) == (50, 120)
    assert (step.events[0].line, step.events[-1].line) == (100, 219)


def test_silences_and_the_beginning_of_the_log_are_named(trace: Make, rule: Callable[..., object]) -> None:
    members = [trace(1), trace(2, at=HOUR)]
    gaps = (
        Gap("2026-01-05T10:20:00.000000Z", "2026-01-05T10:40:00.000000Z", "apiserver-b"),
        Gap("2026-01-06T10:20:00.000000Z", "2026-01-06T10:40:00.000000Z", None),
    )
    rules = {"r1": rule("r1", blind_spots=("Bodies\n  are not seen.",), response=("Ask.",)), "r2": rule("r2")}
    assert unseen(members, rules, Horizon(members[0].first, gaps)) == (  # type: ignore[arg-type]  # rules
        "What happened before 2026-01-05T10:00:00.000000Z, where the log begins.",
        "Anything from 2026-01-05T10:20:00.000000Z to 2026-01-05T10:40:00.000000Z: the log is silent (apiserver-b).",
        "Bodies are not seen.",
    )
    assert advice(members, rules) == ("Ask.",)  # type: ignore[arg-type]  # rules


def test_what_speaks_for_honest_work_is_told(trace: Make, rule: Callable[..., object]) -> None:
    members = [trace(1, "ana"), trace(2, "bo", severity="low"), trace(3, None)]
    many = [("bo", f"10.0.0.{number}") for number in range(9)]
    rules = {"r1": rule("r1", falsepositives=("It was planned.",))}
    assert doubts(members, rules, gathered([("ana", "10.0.0.7"), *many])) == (  # type: ignore[arg-type]  # rules
        "All that ana did in this log came from 10.0.0.7.",
        "bo was seen at 4 or more addresses in this log.",
        "r1 may be honest: It was planned.",
    )
    two = gathered([("ana", "10.0.0.7"), ("ana", "10.0.0.1")])
    assert doubts(members[:1], {}, two) == ("ana was seen at 10.0.0.1 and 10.0.0.7 in this log.",)
