"""A pod in kube-system that runs as a built-in controller's account, named like a system pod."""

from lab.manifests import pod
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    name = f"kube-proxy-{stage.chance.getrandbits(20):05x}"
    body = pod(name, "alpine:3.20", serviceAccountName="clusterrole-aggregation-controller", hostNetwork=True)
    with stage.step("create the pod", thief, "privilege-escalation", ("D06", "D11", "D12", "D13", "C16")):
        stage.must(stage.create(thief, body, "kube-system"))
    stage.pause()
    with stage.step("delete it", thief, "defense-evasion", ("N12", "I04")):
        stage.must(thief.delete(f"/api/v1/namespaces/kube-system/pods/{name}"))


SCENARIO = Scenario(
    "controller-account-pod",
    "A pod runs as a built-in controller",
    "attack",
    "borrow the right to escalate",
    ("T1078.001", "T1036.005"),
    _play,
)
