"""A pod's token is replayed from a pod on another node."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    stolen = stage.lab.running("data", "etl")
    here = f"10.244.{1 + stage.chance.randrange(3)}.{stage.chance.randrange(40, 60)}"
    thief = stage.client(stolen.identity, here, stolen.agent)
    with stage.step("replay the token", thief, "lateral-movement", ("N08", "B06", "F02")):
        thief.get("/api/v1/namespaces/payments/secrets")
        stage.must(thief.get("/api/v1/namespaces/data/secrets/warehouse"))
        thief.get("/api/v1/namespaces/data/pods")


SCENARIO = Scenario(
    "token-on-other-node",
    "A service account's token is replayed from another node",
    "attack",
    "move from one team's pod to another's data",
    ("T1550.001",),
    _play,
)
