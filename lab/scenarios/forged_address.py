"""A thief outside claims, by X-Forwarded-For, to be a node."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    stolen = stage.lab.running("data", "etl").identity
    address = stage.lab.stranger(stage.chance)
    claims = ("X-Forwarded-For: 10.0.0.11, 127.0.0.1", "X-Real-Ip: 10.0.0.12")
    with stage.step(
        "read secrets under a forged address", stolen.name, "credential-access", ("A08", "F07", "F08", "N08")
    ):
        for path in ("secrets/warehouse", "secrets"):
            stage.curl(stolen, address, f"/api/v1/namespaces/data/{path}", *claims)
            stage.pause()


SCENARIO = Scenario(
    "forged-address",
    "A forged X-Forwarded-For",
    "attack",
    "look like a node",
    ("T1090", "T1528"),
    _play,
)
