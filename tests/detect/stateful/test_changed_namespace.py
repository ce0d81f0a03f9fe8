from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


def labelled(labels: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": "Namespace",
        "metadata": {"labels": {f"pod-security.kubernetes.io/{k}": v for k, v in labels.items()}},
    }


@pytest.mark.parametrize(
    ("before", "after", "lowered"),
    [
        ({"enforce": "restricted"}, {"enforce": "baseline"}, ("enforce",)),
        ({"enforce": "restricted"}, {}, ("enforce",)),
        ({"enforce": "baseline", "warn": "restricted"}, {"enforce": "restricted"}, ("warn",)),
        ({"enforce": "baseline"}, {"enforce": "restricted"}, ()),
        ({"enforce-version": "latest"}, {"enforce-version": "v1.20"}, ("enforce-version",)),
        ({"enforce-version": "v1.20"}, {"enforce-version": "v1.30"}, ()),
        ({"enforce": "no such level"}, {"enforce": "privileged"}, ("enforce",)),
        ({}, {"enforce": "privileged"}, ()),
    ],
)
def test_what_refuses_less_than_before_is_lowered(
    event: Make, tell: Make, before: dict[str, str], after: dict[str, str], lowered: tuple[str, ...]
) -> None:
    found = tell(
        "changed_namespace",
        event("create", "namespaces", "shop", requestObject=labelled(before)),
        event("update", "namespaces", "shop", requestObject=labelled(after)),
    )
    assert found["podSecurity.lowered"] == lowered


def test_nothing_is_told_without_the_former_labels(event: Make, tell: Make) -> None:
    assert tell("changed_namespace", event("update", "namespaces", "shop", requestObject=labelled({}))) == {}
