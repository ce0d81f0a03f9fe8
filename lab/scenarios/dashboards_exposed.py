"""Dashboards are opened to the world by load balancers."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    for name, labels in (
        ("kubernetes-dashboard", {"k8s-app": "kubernetes-dashboard"}),
        ("ml-pipeline-ui", {"app": "ml-pipeline-ui"}),
    ):
        spec = {"type": "LoadBalancer", "selector": labels, "ports": [{"port": 443}]}
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels}, "spec": spec}
        with stage.step(f"open {name}", thief, "persistence", ("H02", "H03")):
            stage.must(stage.create(thief, body, "monitoring"))
        stage.pause()
        with stage.step(f"the administrator closes {name}", "kubernetes-admin", kind="confounder"):
            stage.admin().delete(f"/api/v1/namespaces/monitoring/services/{name}")


SCENARIO = Scenario(
    "dashboards-exposed",
    "Dashboards are opened to the world",
    "attack",
    "come back through a browser",
    ("T1133",),
    _play,
)
