from collections.abc import Callable
from typing import Any

from kwho.schema.moment import MINUTE

Make = Callable[..., Any]


def workload(*names: str) -> dict[str, Any]:
    containers = [{"name": name, "image": f"image-{name}"} for name in names]
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}}


def test_a_container_more_is_told_with_its_image_and_the_former_author(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("create", "deployments", "web", requestObject=workload("a")),
        event("patch", "deployments", "web", requestObject=workload("b"), user={"username": "eve"}),
    )
    assert tell("changed_template", *looks) == {
        "containers.added": ("b",),
        "images.added": ("image-b",),
        "images.foreign": (),
        "template.author": "ana",
    }
    assert [at.time // MINUTE for at in claim("changed_template", *looks).cites] == [1]


def test_another_name_or_image_is_no_growth(event: Make, tell: Make) -> None:
    found = tell(
        "changed_template",
        event("create", "deployments", "web", requestObject=workload("a")),
        event("update", "deployments", "web", requestObject=workload("b")),
    )
    assert found["containers.added"] == ()


def test_nothing_is_told_without_the_former_template(event: Make, tell: Make) -> None:
    assert tell("changed_template", event("update", "deployments", "web", requestObject=workload("b"))) == {}


def image(of: str) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "a", "image": of}]}}}}


def test_an_image_from_where_nothing_came_before_is_foreign(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("create", "deployments", "web", requestObject=image("ghcr.io/shop/web:1")),
        event("patch", "deployments", "web", requestObject=image("quay.io/eve/web:1")),
    )
    assert tell("changed_template", *looks)["images.foreign"] == ("quay.io/eve/web:1",)
    assert [at.time // MINUTE for at in claim("changed_template", *looks).cites] == [1]


def test_an_image_from_where_something_came_before_is_not(event: Make, tell: Make) -> None:
    found = tell(
        "changed_template",
        event("create", "deployments", "web", requestObject=image("ghcr.io/shop/web:1")),
        event("create", "deployments", "api", requestObject=image("quay.io/eve/api:1")),
        event("update", "deployments", "web", requestObject=image("quay.io/eve/web:1")),
    )
    assert found["images.foreign"] == ()
