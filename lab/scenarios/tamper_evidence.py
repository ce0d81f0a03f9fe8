"""Events are deleted and the security sensor is sent away, then removed."""

from lab.client import STRATEGIC
from lab.story import Scenario, Stage

_SENSOR = "/apis/apps/v1/namespaces/security/daemonsets/runtime-sensor"


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    whole = stage.admin().get(_SENSOR).json
    with stage.step("delete events", thief, "defense-evasion", ("I01", "N06")):
        stage.must(thief.delete("/api/v1/namespaces/shop/events"))
        for name in thief.get("/api/v1/namespaces/data/events").names[:3]:
            thief.delete(f"/api/v1/namespaces/data/events/{name}")
    nowhere = {"spec": {"template": {"spec": {"nodeSelector": {"disk": "gone"}}}}}
    with stage.step("send the sensor away", thief, "defense-evasion", ("N13", "C21")):
        stage.must(thief.patch(_SENSOR, nowhere, STRATEGIC))
    with stage.step("remove the sensor", thief, "defense-evasion", ("N06", "N13")):
        stage.must(thief.delete(_SENSOR))
    with stage.step("the administrator restores it", "kubernetes-admin", kind="confounder"):
        metadata = {"name": "runtime-sensor", "labels": {"app": "runtime-sensor"}}
        spec = whole["spec"]
        stage.admin().post(
            "/apis/apps/v1/namespaces/security/daemonsets",
            {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec},
        )


SCENARIO = Scenario(
    "tamper-evidence",
    "Events and the security sensor are removed",
    "attack",
    "be blind spots",
    ("T1070", "T1562.001"),
    _play,
)
