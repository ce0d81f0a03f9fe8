"""A script rotates the credentials of all teams: reads and writes of secrets everywhere."""

from lab.cast import AGENTS, BASTION
from lab.client import MERGE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol = stage.person("carol", address=BASTION, agent=AGENTS["python"])
    with stage.step("rotate", carol, "", ("F01", "F05", "F06", "F07", "F12")):
        for space, name in (("shop", "orders-db"), ("payments", "ledger-db"), ("data", "warehouse")):
            path = f"/api/v1/namespaces/{space}/secrets/{name}"
            stage.must(carol.get(path))
            stage.must(carol.patch(path, {"stringData": {"rotated": stage.word("made-up")}}, MERGE))


SCENARIO = Scenario("secret-rotation", "Credentials are rotated", "confounder", "", (), _play)
