from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
POD = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {}}


def test_the_life_of_a_pod_is_told_with_all_hands(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("get", "pods/exec", "p"),
        event("create", "pods", "p", requestObject=POD),
        event("get", "pods/exec", "p", user={"username": "eve"}),
        event("delete", "pods", "p"),
    )
    assert tell("ended_pod", *looks) == {
        "pod.seconds": 120,
        "pod.owned": False,
        "pod.ways": ("exec",),
        "pod.hands": ("ana", "eve"),
        "pod.handCount": 2,
    }
    assert len(claim("ended_pod", *looks).cites) == 2


def test_a_pod_from_before_the_log_has_no_life_to_tell(event: Make, tell: Make) -> None:
    assert tell("ended_pod", event("delete", "pods", "p")) == {}
