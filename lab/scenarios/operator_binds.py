"""An operator's service account, taken over, makes an account and binds cluster-admin to it."""

from lab.manifests import account, binding
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    operator = stage.pod("shop", "orders-operator")
    name = stage.word("orders-sync", "metrics-helper")
    body = binding(name, "cluster-admin", [account("kube-system", "default")])
    with stage.step("bind cluster-admin", operator, "privilege-escalation", ("E01", "E02", "E03", "E07", "E16", "J01")):
        stage.must(stage.create(operator, body))
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}")


SCENARIO = Scenario(
    "operator-binds",
    "An operator's account binds cluster-admin",
    "attack",
    "own the cluster through a default account",
    ("T1098.006",),
    _play,
)
