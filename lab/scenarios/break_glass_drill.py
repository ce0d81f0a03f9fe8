"""The announced drill of the break-glass login, from the bastion."""

from lab.cast import AGENTS, BASTION
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    drill = stage.client(stage.lab.static("break-glass"), BASTION, AGENTS["admin"])
    with stage.step("check that it works", drill, "", ("A13", "N13")):
        stage.must(drill.get("/api/v1/nodes?limit=500", table=True))
        drill.get("/api/v1/namespaces?limit=500", table=True)


SCENARIO = Scenario("break-glass-drill", "A drill of the break-glass login", "confounder", "", (), _play)
