from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]
ENFORCE = "pod-security.kubernetes.io/enforce"


def labelled(**labels: Any) -> dict[str, Any]:
    names = {name.replace("_", "-"): value for name, value in labels.items()}
    return {
        "kind": "Namespace",
        "metadata": {"labels": {f"pod-security.kubernetes.io/{k}": v for k, v in names.items()}},
    }


def test_labels_are_told_and_others_left_out(event: Make, told: Make) -> None:
    body = labelled(enforce="baseline", warn="restricted")
    body["metadata"]["labels"]["team"] = "web"
    [fact] = told(event("create", "namespaces", "shop", requestObject=body))
    assert fact.fact.thing == ("namespaces", "c1", None, "shop")
    assert fact.fact.content.labels == (("enforce", "baseline"), ("warn", "restricted"))
    assert not fact.fact.content.plain


@pytest.mark.parametrize(
    "patch",
    [
        {"metadata": {"labels": {ENFORCE: None}}},
        [{"op": "remove", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}],
    ],
    ids=["merge", "json"],
)
def test_a_patch_takes_a_label_away_and_leaves_the_others(event: Make, world: Make, patch: Any) -> None:
    made = event("create", "namespaces", "shop", requestObject=labelled(enforce="baseline", warn="restricted"))
    found = world(made, event("patch", "namespaces", "shop", requestObject=patch)).pod_security("c1", "shop", (9,))
    assert found.knowledge == "known"
    assert found.content.labels == (("warn", "restricted"),)


def test_an_update_without_the_label_takes_it_away(event: Make, world: Make) -> None:
    made = event("create", "namespaces", "shop", requestObject=labelled(enforce="baseline"))
    body = {"kind": "Namespace", "metadata": {}}
    found = world(made, event("update", "namespaces", "shop", requestObject=body)).pod_security("c1", "shop", (9,))
    assert (found.knowledge, found.content.labels) == ("known", ())
    assert found.content.plain


def test_a_patch_of_something_else_changes_no_label(event: Make, world: Make) -> None:
    made = event("create", "namespaces", "shop", requestObject=labelled(enforce="baseline"))
    patch = event("patch", "namespaces", "shop", requestObject={"metadata": {"annotations": {"a": "b"}}})
    found = world(made, patch).pod_security("c1", "shop", (9,))
    assert (found.knowledge, found.content.value("enforce")) == ("known", "baseline")


def test_a_first_patch_leaves_the_rest_unknown(event: Make, world: Make) -> None:
    patch = event("patch", "namespaces", "shop", requestObject=labelled(enforce="baseline"))
    assert world(patch).pod_security("c1", "shop", (9,)).knowledge == "partly"
