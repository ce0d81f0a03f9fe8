"""A DaemonSet with the whole host in kube-system: one pod on every node."""

from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    name = stage.word("kube-flannel-cfg", "node-tuner")
    body = workload(
        "DaemonSet",
        name,
        "docker.example.net/tools/agent:latest",
        hostPID=True,
        hostNetwork=True,
        volumes=[{"name": "host", "hostPath": {"path": "/"}}],
    )
    body["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    detections = ("G02", "D01", "D04", "D05", "D06", "D07", "N11", "C16", "C21", "D12")
    with stage.step("create the set", thief, "persistence", detections):
        stage.must(stage.create(thief, body, "kube-system"))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/apps/v1/namespaces/kube-system/daemonsets/{name}?propagationPolicy=Background")


SCENARIO = Scenario(
    "daemonset-persistence",
    "A privileged pod on every node",
    "attack",
    "own every node",
    ("T1610", "T1543.005"),
    _play,
)
