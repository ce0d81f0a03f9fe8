"""A port-forward to a database by somebody who never needed one, kept open for a while."""

from lab.story import Scenario, Stage
from lab.streams import websocket


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    with stage.step("open a tunnel", thief, "command-and-control", ("C10", "N13")):
        path = "/api/v1/namespaces/data/pods/warehouse-0/portforward"
        stage.must(websocket(thief, path, "SPDY/3.1+portforward.k8s.io", seconds=stage.chance.uniform(2, 8)))


SCENARIO = Scenario(
    "database-tunnel",
    "A tunnel to a database",
    "attack",
    "copy the warehouse",
    ("T1572",),
    _play,
)
