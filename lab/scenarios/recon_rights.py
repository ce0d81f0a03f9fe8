"""Somebody with a support login asks for rights and lists everything that can be listed, with the real kubectl."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    actor = stage.lab.person("grace").user
    with stage.step("list own rights", actor, "discovery", ("B01",)):
        stage.kubectl("grace", "auth", "can-i", "--list")
        stage.kubectl("grace", "auth", "can-i", "create", "clusterrolebindings")
    with stage.step("list everything", actor, "discovery", ("B05", "B04", "B09", "A07")):
        for kind in ("namespaces", "nodes", "clusterroles", "clusterrolebindings", "serviceaccounts", "secrets"):
            stage.kubectl("grace", "get", kind, "--all-namespaces")
            stage.pause()


SCENARIO = Scenario(
    "recon-rights",
    "Rights and layout are enumerated",
    "attack",
    "find a way up",
    ("T1069.003", "T1613"),
    _play,
)
