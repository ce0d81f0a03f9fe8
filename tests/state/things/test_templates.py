from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def workload(*images: str, **spec: Any) -> dict[str, Any]:
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers, **spec}}}}


def test_a_template_tells_what_its_pods_will_ask_for(event: Make, world: Make) -> None:
    found = world(event("create", "deployments", "web", requestObject=workload("a", hostPID=True)))
    answer = found.template("c1", "shop", "deployments", "web", (9,))
    assert answer.knowledge == "known"
    assert (answer.content.demands, answer.content.containers) == (("hostPID",), (("c0", "a"),))


def test_a_patch_changes_one_image_and_keeps_the_rest(event: Make, world: Make) -> None:
    made = event("create", "deployments", "web", requestObject=workload("a", "b", serviceAccountName="web"))
    body = {"spec": {"template": {"spec": {"containers": [{"name": "c1", "image": "new"}, {"name": "c2"}]}}}}
    answer = world(made, event("patch", "deployments", "web", requestObject=body)).template(
        "c1", "shop", "deployments", "web", (9,)
    )
    assert answer.knowledge == "partly"
    assert answer.content.containers == (("c0", "a"), ("c1", "new"), ("c2", ""))
    assert answer.content.account == "web"


def test_a_collection_that_is_deleted_leaves_doubt_about_each(event: Make, world: Make) -> None:
    made = event("create", "deployments", "web", requestObject=workload("a"))
    job = event("create", "jobs", "j", requestObject={**workload("a"), "kind": "Job"})
    found = world(made, job, event("deletecollection", "deployments"))
    assert found.template("c1", "shop", "deployments", "web", (9,)).knowledge == "partly"
    assert found.template("c1", "shop", "jobs", "j", (9,)).knowledge == "known"
