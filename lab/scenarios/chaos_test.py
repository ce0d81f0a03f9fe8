"""A chaos tool deletes random pods, which controllers replace."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol = stage.person("carol", agent="chaos-runner/2.7.0")
    pods = stage.must(carol.get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dcart")).names
    with stage.step("delete pods", carol, "", ("I04", "N06")):
        for pod in pods[:2]:
            carol.delete(f"/api/v1/namespaces/shop/pods/{pod}")
            eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": "shop"}}
            carol.post(f"/api/v1/namespaces/shop/pods/{pod}/eviction", eviction)


SCENARIO = Scenario("chaos-test", "A chaos test deletes pods", "confounder", "", (), _play)
