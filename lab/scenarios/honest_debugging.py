"""A developer debugs a pod of the own team with a debug container, the way the handbook says."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    person = stage.lab.person("alice")
    target = stage.lab.running("shop", "cart").name
    with stage.step("debug", person.user, "", ("C11", "C02")):
        stage.kubectl(
            "alice",
            "debug",
            "-n",
            "shop",
            target,
            "--image=busybox:1.36",
            "--target=cart",
            "--profile=baseline",
            "--",
            "ls",
        )
    with stage.step("copy a file", person.user, "", ("C01", "C09")):
        stage.kubectl("alice", "exec", "-n", "shop", target, "--", "tar", "cf", "-", "/tmp/report.txt")


SCENARIO = Scenario("honest-debugging", "A debug container by the handbook", "confounder", "", (), _play)
