"""Two namespaces with all that is in them, and their volumes, are deleted."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    admin, thief = stage.admin(), stage.hijack("frank")
    spaces = [stage.word("archive"), stage.word("reports")]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    with stage.step("two teams live", "kubernetes-admin", kind="confounder"):
        for space in spaces:
            stage.must(stage.create(admin, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}))
            for number in range(3):
                body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": f"d{number}"}}
                stage.must(stage.create(admin, body | {"spec": claim}, space))
    with stage.step("delete the volumes", thief, "impact", ("N06",)):
        for number in range(3):
            stage.must(thief.delete(f"/api/v1/namespaces/{spaces[0]}/persistentvolumeclaims/d{number}"))
    with stage.step("delete the namespaces", thief, "impact", ("N06", "G07")):
        for space in spaces:
            stage.must(thief.delete(f"/api/v1/namespaces/{space}"))


SCENARIO = Scenario(
    "namespaces-deleted",
    "Namespaces and volumes are deleted",
    "attack",
    "destroy backups",
    ("T1485", "T1490"),
    _play,
)
