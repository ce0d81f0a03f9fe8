"""A forgotten account's token that never expires comes back to life on a hosted machine."""

from lab.cast import AGENTS
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.stranger(stage.lab.legacy(), stage.chance.choice((AGENTS["python"], AGENTS["curl"])))
    with stage.step("come back", thief, "initial-access", ("N01", "N13", "A08", "F07", "F08")):
        stage.must(thief.get("/api/v1/namespaces/data/pods"))
        thief.get("/api/v1/namespaces/data/secrets/warehouse")


SCENARIO = Scenario(
    "dormant-account",
    "A forgotten account comes back",
    "attack",
    "use what nobody watches",
    ("T1078", "T1550.001"),
    _play,
)
