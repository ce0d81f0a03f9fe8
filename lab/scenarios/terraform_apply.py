"""Terraform makes a team's namespace with roles, bindings, quota and account, and later destroys it."""

from lab.cast import AGENTS, RUNNERS
from lab.manifests import account, binding, role
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol = stage.person("carol", address=RUNNERS[0], agent=AGENTS["terraform"])
    space = stage.word("team")
    rules = [{"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list", "create"]}]
    with stage.step("apply", carol, "", ("G03", "G06", "E03", "E07", "E09", "E19")):
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
        stage.must(stage.create(carol, namespace))
        stage.create(carol, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app"}}, space)
        stage.create(carol, role("app", rules, cluster=False), space)
        bound = binding("app", "app", [account(space, "app")], cluster=False, role_kind="Role")
        stage.create(carol, bound, space)
        quota = {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "q"},
            "spec": {"hard": {"pods": "5"}},
        }
        stage.create(carol, quota, space)
    with stage.step("destroy", carol, "", ("N06", "E03", "E19")):
        stage.must(carol.delete(f"/api/v1/namespaces/{space}"))


SCENARIO = Scenario("terraform-apply", "Terraform makes and destroys a team's namespace", "confounder", "", (), _play)
