"""A node is cordoned, drained by evictions, and taken back, as in every upgrade."""

from lab.client import MERGE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol = stage.person("carol")
    node = stage.lab.plane.plan.nodes[-1]
    path = f"/api/v1/nodes/{node}"
    with stage.step("cordon and drain", carol, "", ("N06", "I04")):
        stage.must(carol.patch(path, {"spec": {"unschedulable": True}}, MERGE))
        items = stage.must(carol.get(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}")).json["items"]
        moved = [one["metadata"] for one in items if _moves(one)]  # type: ignore[attr-defined]
        for meta in moved[:4]:
            name, space = meta["name"], meta["namespace"]
            body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": space}}
            carol.post(f"/api/v1/namespaces/{space}/pods/{name}/eviction", body)
    stage.pause()
    with stage.step("take it back", carol):
        stage.must(carol.patch(path, {"spec": {"unschedulable": None}}, MERGE))


def _moves(pod: dict[str, dict[str, str]]) -> bool:
    """The cart moves; pods whose programs other stories speak for stay."""
    return pod["metadata"]["name"].startswith("cart-")


SCENARIO = Scenario("node-upgrade", "A node is drained and taken back", "confounder", "", (), _play)
