"""The break-glass token, leaked in a runbook, is used from the VPN."""

from lab.cast import VPN
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.client(
        stage.lab.static("break-glass"), stage.chance.choice(VPN), "kubectl/v1.35.2 (darwin/arm64) kubernetes/a2f7b3c"
    )
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": stage.word("sync", "watcher")}}
    with stage.step("look around as everything", thief, "initial-access", ("A13", "B05", "N13")):
        for path in ("namespaces", "nodes", "secrets?limit=3"):
            stage.must(thief.get(f"/api/v1/{path}"))
    with stage.step("leave an account", thief, "persistence", ("G03", "G04")):
        stage.must(stage.create(thief, body, "kube-system"))


SCENARIO = Scenario(
    "break-glass-theft",
    "The break-glass token is used by a thief",
    "attack",
    "act without a role",
    ("T1078.001", "T1136"),
    _play,
)
