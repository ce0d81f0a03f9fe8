"""Everybody's kubectl is upgraded on one morning: new user agents all at once."""

from lab.cast import PEOPLE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    for name in ("alice", "bob", "dave"):
        person = stage.person(name, agent="kubectl/v1.36.2 (darwin/arm64) kubernetes/4f0e1b2")
        with stage.step(f"{name} with the new version", person, "", ("A11", "B08", "F06")):
            space = PEOPLE[name].namespaces[0]
            stage.must(person.get(f"/api/v1/namespaces/{space}/pods?limit=500", table=True))
            person.get(f"/api/v1/namespaces/{space}/secrets?limit=500", table=True)


SCENARIO = Scenario("tool-upgrade", "New versions of kubectl", "confounder", "", (), _play)
