"""A privileged pod with the host's root, entered, and deleted again."""

from lab.manifests import pod
from lab.process import wait_for
from lab.story import Scenario, Stage
from lab.streams import run


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    name = stage.word("debug", "toolbox", "tmp")
    volumes = [{"name": "root", "hostPath": {"path": "/"}}]
    body = pod(
        name, "ubuntu:24.04", hostPID=True, volumes=volumes, nodeName=stage.chance.choice(stage.lab.plane.plan.nodes)
    )
    container = body["spec"]["containers"][0]
    container |= {"securityContext": {"privileged": True}, "stdin": True, "tty": True}
    path = f"/api/v1/namespaces/monitoring/pods/{name}"
    made = ("D01", "D04", "D05", "D07", "C15", "C19", "C20", "N11")
    with stage.step("create the pod", thief, "privilege-escalation", made):
        stage.must(stage.create(thief, body, "monitoring"))
        wait_for(name, lambda: b'"Running"' in thief.get(path).body, 90, pause=1)
    with stage.step("enter it", thief, "execution", ("C01", "C08", "N07", "N12")):
        stage.must(run(thief, "monitoring", name, ["chroot", "/host", "sh"], tty=True, seconds=1.5))
    with stage.step("delete it", thief, "defense-evasion", ("N12", "I04")):
        stage.must(thief.delete(path))


SCENARIO = Scenario(
    "privileged-pod",
    "A privileged pod, entered and deleted",
    "attack",
    "become root on a node",
    ("T1610", "T1611", "T1609"),
    _play,
)
