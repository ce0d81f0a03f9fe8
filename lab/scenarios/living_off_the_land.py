"""A developer who means harm does what the developer always does: shells, logs and a tunnel in the own namespace."""

from lab.story import Scenario, Stage
from lab.streams import run


def _play(stage: Stage) -> None:
    dave = stage.person("dave")
    pods = stage.must(dave.get("/api/v1/namespaces/data/pods?labelSelector=app%3Detl", table=True)).names
    with stage.step("read logs", dave, "discovery", ("N09",)):
        for pod in pods:
            dave.get(f"/api/v1/namespaces/data/pods/{pod}/log?tailLines=100")
    with stage.step("look inside", dave, "execution", ("C01",)):
        run(dave, "data", "warehouse-0", ["env"])
    with stage.step("copy through a tunnel", dave, "exfiltration", ("C10",)):
        stage.must(stage.lab.forward(dave, "data", "warehouse-0", 2))


SCENARIO = Scenario(
    "living-off-the-land",
    "A developer within all habits",
    "attack",
    "copy customer data unseen",
    ("T1609", "T1572"),
    _play,
)
