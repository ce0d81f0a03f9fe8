"""Secrets are watched instead of listed, by the modern and the legacy form."""

from lab.story import Scenario, Stage

_STREAMED = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan"


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    first = _STREAMED if stage.lab.minor >= 32 else "resourceVersion=0"
    with stage.step("watch all secrets", thief, "credential-access", ("F03", "F04", "N09")):
        stage.must(thief.watch(f"/api/v1/secrets?{first}&allowWatchBookmarks=true", 2))
    with stage.step("watch by the old path", thief, "credential-access", ("F03", "N09")):
        stage.must(thief.get("/api/v1/watch/namespaces/payments/secrets?timeoutSeconds=1"))


SCENARIO = Scenario(
    "watch-secrets",
    "Secrets are watched",
    "attack",
    "avoid rules about lists",
    ("T1552.007", "T1119"),
    _play,
)
