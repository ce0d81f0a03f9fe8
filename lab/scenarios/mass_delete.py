"""Everything in a namespace is deleted, collection by collection."""

from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("alice")
    admin = stage.admin()
    with stage.step("a team's work lives", "kubernetes-admin", kind="confounder"):
        for number in range(5):
            body = workload("Deployment", f"job-{number}", "registry.example.com/shop/job:1")
            stage.create(admin, body | {"spec": body["spec"] | {"replicas": 0}}, "staging")
            stage.create(
                admin, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{number}"}}, "staging"
            )
    with stage.step("delete it all", thief, "impact", ("I03", "N06")):
        for name in stage.must(thief.get("/apis/apps/v1/namespaces/staging/deployments")).names:
            thief.delete(f"/apis/apps/v1/namespaces/staging/deployments/{name}")
    other = stage.hijack("carol")
    with stage.step("delete the rest at once", other, "impact", ("N06",)):
        stage.must(other.delete("/api/v1/namespaces/staging/configmaps"))
        stage.must(other.delete("/apis/apps/v1/namespaces/staging/replicasets"))


SCENARIO = Scenario(
    "mass-delete",
    "A namespace is emptied",
    "attack",
    "destroy the staging environment",
    ("T1485",),
    _play,
)
