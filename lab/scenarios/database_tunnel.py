"""A port-forward to a database by somebody who never needed one, kept open for a while."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    with stage.step("open a tunnel", thief, "command-and-control", ("C10", "N13")):
        stage.must(stage.lab.forward(thief, "data", "warehouse-0", stage.chance.uniform(2, 8)))


SCENARIO = Scenario(
    "database-tunnel",
    "A tunnel to a database",
    "attack",
    "copy the warehouse",
    ("T1572",),
    _play,
)
