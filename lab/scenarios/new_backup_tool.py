"""A new backup tool with the backup's account lists everything, secrets included, for the first time."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    tool = stage.pod("backup", "backup", agent="restic-kube/0.3.0")
    with stage.step("first full backup", tool, "", ("F04", "F08", "F11", "J01")):
        for path in ("api/v1/secrets", "api/v1/configmaps", "apis/rbac.authorization.k8s.io/v1/clusterroles"):
            stage.must(tool.get(f"/{path}?limit=50"))


SCENARIO = Scenario("new-backup-tool", "A new backup tool", "confounder", "", (), _play)
