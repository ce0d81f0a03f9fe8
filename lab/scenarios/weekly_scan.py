"""The weekly compliance scan reads roles, bindings, workloads and secrets of the whole cluster."""

from lab.story import Scenario, Stage

_KINDS = (
    "api/v1/namespaces", "api/v1/nodes", "api/v1/pods", "api/v1/secrets", "api/v1/serviceaccounts", "api/v1/configmaps",
    "apis/rbac.authorization.k8s.io/v1/roles", "apis/rbac.authorization.k8s.io/v1/clusterroles",
    "apis/rbac.authorization.k8s.io/v1/rolebindings", "apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "apis/apps/v1/deployments", "apis/apps/v1/daemonsets", "apis/batch/v1/cronjobs",
)  # fmt: skip


def _play(stage: Stage) -> None:
    scanner = stage.pod("security", "scanner")
    with stage.step("scan", scanner, "", ("B05", "F04", "F08", "J01")):
        for path in _KINDS:
            stage.must(scanner.get(f"/{path}?limit=500"))


SCENARIO = Scenario("weekly-scan", "The weekly compliance scan", "confounder", "", (), _play)
