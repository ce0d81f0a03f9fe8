from collections.abc import Callable
from typing import Any

from kwho.state.remarks import LOOKED_AT, MOST, remarks
from kwho.state.spec import Owner, Spec

Make = Callable[..., Any]
POD = {
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"serviceAccountName": "web", "hostPID": True, "volumes": [{"hostPath": {"path": "/etc"}}]},
}


def test_an_entered_pod_is_described(event: Make, world: Make) -> None:
    found = world(event("create", "pods", "p", requestObject=POD), event("get", "pods/exec", "p"))
    [sentence] = remarks(found, [2])
    assert sentence == ("the pod “shop/p” runs as “system:serviceaccount:shop:web” with hostPID, host path “/etc”")


def test_it_is_said_when_a_pod_is_unknown(event: Make, world: Make) -> None:
    [sentence] = remarks(world(event("get", "pods/exec", "p")), [1])
    assert "is not known" in sentence


def test_a_generated_name_is_said_to_be_one(event: Make, world: Make) -> None:
    body = {"metadata": {"generateName": "web-"}, "spec": {"containers": [{"name": "a"}]}}
    found = world(event("create", "pods", requestObject=body), event("get", "pods/exec", "web-abcde"))
    [sentence] = remarks(found, [2])
    assert sentence.endswith("as far as its generated name or earlier changes tell")


def test_the_author_of_the_template_is_named(event: Make, world: Make) -> None:
    template = {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}
    owned = {"metadata": {"generateName": "x-", "ownerReferences": [{"kind": "DaemonSet", "name": "x"}]}, "spec": {}}
    found = world(
        event("create", "daemonsets", "x", user={"username": "eve"}, requestObject=template),
        event("create", "pods", user={"username": "daemon-set-controller"}, requestObject=owned),
    )
    assert remarks(found, [2]) == ("the pod is made from “daemonsets/x”, last written by “eve”",)
    assert remarks(found, [1]) == ()


def test_hostile_names_are_cut_and_remarks_are_few(event: Make, world: Make) -> None:
    found = world(*(event("get", "pods/exec", f"{number}" + "\x1b" * 9_999) for number in range(LOOKED_AT + 9)))
    told = remarks(found, range(1, LOOKED_AT + 9))
    assert len(told) == MOST
    assert all(len(sentence) < 700 for sentence in told)


def test_a_spec_with_nothing_special_says_so() -> None:
    assert Spec("default", owners=(Owner("ReplicaSet", "x"),)).plain
