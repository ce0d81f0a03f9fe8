"""What a log records, asked and told."""

from collections import Counter
from typing import Any

from kwho.profile.activity import Operation
from kwho.profile.recording import Recording, covers


def operation(**members: Any) -> Operation:
    usual: dict[str, Any] = dict.fromkeys(Operation._fields)
    return Operation(**usual | {"stage": "ResponseComplete", "level": "Metadata", "answer": "success"} | members)


EXEC = operation(verb="create", resource="pods", subresource="exec")


def test_places_are_named_with_or_without_group_and_subresource() -> None:
    assert all(covers(place, EXEC) for place in ("pods/exec", "core/pods/exec", "pods/*", "core/pods/*"))
    assert not any(covers(place, EXEC) for place in ("pods", "core/pods", "apps/pods/exec", "pods/log"))
    jobs = operation(resource="jobs", group="batch")
    assert covers("batch/jobs", jobs)
    assert not covers("core/jobs", jobs)
    assert not covers("pods", operation(resource=None))


def test_operations_are_chosen_by_verb_and_place() -> None:
    recording = Recording(Counter({EXEC: 3, operation(verb="get", resource="pods"): 2, operation(verb="x"): 0}))
    assert sum(events for _, events in recording.within((), ())) == 5
    assert list(recording.within(["create"], ["pods/*"])) == [(EXEC, 3)]
    assert list(recording.within(["get"], ["secrets"])) == []


def test_the_policy_is_told_by_level_and_by_stages_that_are_missing() -> None:
    many = {operation(resource=f"r{number}", level="Request"): 10 - number for number in range(8)}
    recording = Recording(Counter({**many, operation(resource="pods"): 1, operation(): 4}))
    assert recording.sentences() == (
        "Request for r0, r1, r2, r3, r4, r5 and 2 more",
        "Metadata for non-resource requests, pods",
        "RequestReceived omitted",
        "ResponseStarted not seen",
    )
    stages = [operation(stage=stage) for stage in ("RequestReceived", "ResponseStarted", "ResponseComplete")]
    assert Recording(Counter(stages)).sentences() == ("Metadata for non-resource requests",)
    assert Recording(Counter()).sentences() == ()
