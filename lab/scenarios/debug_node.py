"""`kubectl debug node`: an ordinary command that gives the host."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    actor = stage.lab.person("carol").user
    node = stage.chance.choice(stage.lab.plane.plan.nodes)
    with stage.step("debug the node", actor, "privilege-escalation", ("D05", "D06", "D07", "D08", "C19", "N11")):
        stage.kubectl(
            "carol", "debug", f"node/{node}", "--image=busybox:1.36", "--profile=sysadmin", "--", "chroot", "/host"
        )


SCENARIO = Scenario(
    "debug-node",
    "A node is entered with kubectl debug",
    "attack",
    "become root on a node",
    ("T1611", "T1610"),
    _play,
)
