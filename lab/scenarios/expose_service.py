"""A database is opened to the world by a node port, then by a load balancer, and an ingress without TLS."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("dave")
    for kind, ids in (("NodePort", ("H01",)), ("LoadBalancer", ("H04",))):
        name = stage.word("warehouse")
        spec = {"type": kind, "selector": {"app": "warehouse"}, "ports": [{"port": 5432}]}
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
        with stage.step(f"open it by {kind}", thief, "persistence", ids):
            stage.must(stage.create(thief, body, "data"))
        stage.admin().delete(f"/api/v1/namespaces/data/services/{name}")
    service = {"service": {"name": "warehouse", "port": {"number": 5432}}}
    path = {"path": "/", "pathType": "Prefix", "backend": service}
    with stage.step("an ingress without TLS", thief, "persistence", ("H05",)):
        body = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": stage.word("wh")},
            "spec": {"rules": [{"host": "db.example.com", "http": {"paths": [path]}}]},
        }
        stage.must(stage.create(thief, body, "data"))


SCENARIO = Scenario(
    "expose-service",
    "A database is opened to the world",
    "attack",
    "reach the database from outside",
    ("T1133",),
    _play,
)
