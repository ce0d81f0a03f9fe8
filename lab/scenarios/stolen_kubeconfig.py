"""A developer's kubeconfig is used from a hosted machine while its owner works at the office."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.stranger(stage.lab.login("alice"), stage.lab.person("alice").agent)
    owner = stage.person("alice")
    with stage.step("see what is there", thief, "discovery", ("N08", "N13", "B05", "B09")):
        thief.get("/api/v1/namespaces?limit=500", table=True)
        thief.get("/api/v1/namespaces/shop/pods?limit=500", table=True)
    with stage.step("the owner works on", owner, kind="confounder"):
        owner.get("/api/v1/namespaces/shop/pods?limit=500", table=True)
    with stage.step("read the team's secrets", thief, "credential-access", ("F01", "F03", "F10", "N08")):
        for name in stage.must(thief.get("/api/v1/namespaces/shop/secrets?limit=500")).names[:3]:
            thief.get(f"/api/v1/namespaces/shop/secrets/{name}")


SCENARIO = Scenario(
    "stolen-kubeconfig",
    "A stolen kubeconfig is used outside while its owner works",
    "attack",
    "get the database password of the shop",
    ("T1078", "T1552.007"),
    _play,
)
