"""A thief outside claims, by X-Forwarded-For, to be a node."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    stolen = stage.lab.running("data", "etl").identity
    claims = {"X-Forwarded-For": "10.0.0.11, 127.0.0.1", "X-Real-Ip": "10.0.0.12"}
    thief = stage.client(stolen, stage.lab.stranger(stage.chance), "curl/8.10.1", claims)
    with stage.step("read secrets under a forged address", thief, "credential-access", ("A08", "F07", "F08", "N08")):
        stage.must(thief.get("/api/v1/namespaces/data/secrets/warehouse"))
        thief.get("/api/v1/namespaces/data/secrets")


SCENARIO = Scenario(
    "forged-address",
    "A forged X-Forwarded-For",
    "attack",
    "look like a node",
    ("T1090", "T1528"),
    _play,
)
