"""What clients call themselves."""

from typing import Any

import pytest

from kwho.views import agent


@pytest.mark.parametrize(
    ("written", "family"),
    [
        ("kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9", "kubectl"),
        ("Kubectl/v1.20", "kubectl"),
        ("Mozilla/5.0 (X11)", "mozilla"),
        ("curl", "curl"),
        ("  /x", "x"),
        ("", None),
        ("/", None),
        (None, None),
        ("a" * 10_000, "a" * 64),
    ],
)
def test_the_family_is_the_first_product_without_its_version(look_at: Any, written: str | None, family: str) -> None:
    assert agent.family(look_at(**({"userAgent": written} if written is not None else {}))) == family
