"""A vendor's agent, updated by its vendor, lists all secrets for the first time."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    agent = stage.pod("vendor-agent", "vendor-agent")
    with stage.step("list secrets", agent, "credential-access", ("F03", "F04", "F06", "F08", "J01")):
        stage.must(agent.get("/api/v1/secrets?limit=500"))
    with stage.step("list configuration", agent, "collection", ("B05", "J01")):
        agent.get("/api/v1/configmaps?limit=500")


SCENARIO = Scenario(
    "vendor-overreach",
    "A vendor's agent lists all secrets",
    "attack",
    "collect credentials as part of an update",
    ("T1195", "T1552.007"),
    _play,
)
