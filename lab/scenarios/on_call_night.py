"""An incident at night: shells in many pods, logs, restarts, a scale-up, from home."""

from lab.client import MERGE
from lab.story import Scenario, Stage
from lab.streams import run


def _play(stage: Stage) -> None:
    frank = stage.person("frank", address=stage.lab.person("frank").home)
    pods = stage.must(frank.get("/api/v1/namespaces/shop/pods?limit=500", table=True)).names
    with stage.step("look into pods", frank, "", ("C01", "N09", "N13")):
        for pod in pods[:4]:
            frank.get(f"/api/v1/namespaces/shop/pods/{pod}/log?tailLines=200")
            run(frank, "shop", pod, ["sh", "-c", "df -h; ps aux"])
    with stage.step("scale", frank, "", ("C21",)):
        path = "/apis/apps/v1/namespaces/shop/deployments/cart/scale"
        stage.must(frank.patch(path, {"spec": {"replicas": 3}}, MERGE))


SCENARIO = Scenario("on-call-night", "An incident at night", "confounder", "", (), _play)
