"""Deletions whose address says dry run and whose body does not: they are real."""

from lab.manifests import workload
from lab.story import Scenario, Stage

_OPTIONS = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}


def _play(stage: Stage) -> None:
    thief = stage.hijack("alice")
    name = stage.word("search", "mailer")
    path = f"/apis/apps/v1/namespaces/staging/deployments/{name}"
    with stage.step("a deployment lives", "kubernetes-admin", kind="confounder"):
        stage.must(
            stage.create(stage.admin(), workload("Deployment", name, "registry.example.com/shop/x:1"), "staging")
        )
    with stage.step("delete it as if dry", thief, "impact", ("I03", "N06")):
        stage.must(thief.delete(f"{path}?dryRun=All", _OPTIONS))
        if thief.get(path).code != 404:
            raise RuntimeError("the deployment is still there")


SCENARIO = Scenario(
    "dry-run-delete",
    "A deletion that looks like a dry run",
    "attack",
    "delete unseen",
    ("T1485",),
    _play,
)
