from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def pod(image: str) -> dict[str, Any]:
    return {"kind": "Pod", "spec": {"containers": [{"name": "a", "image": image}]}}


def test_a_place_is_known_from_its_first_image_on_within_its_cluster(event: Make, world: Make) -> None:
    origins = world(event("create", "pods", "p", requestObject=pod("ghcr.io/shop/web:1"))).origins
    assert not origins.is_new("c1", "ghcr.io/shop/other:2", (9,))
    assert origins.is_new("c1", "ghcr.io/shop/other:2", (1,))
    assert origins.is_new("c1", "ghcr.io/eve/web:1", (9,))
    assert origins.is_new("c2", "ghcr.io/shop/web:1", (9,))
