"""Tokens are guessed in a burst of refusals; at last one found in an old pipeline works."""

from lab.cast import AGENTS
from lab.client import Identity
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    address = stage.lab.stranger(stage.chance)
    with stage.step("guess", "unknown", "credential-access", ("A03", "A05", "A06")):
        for _ in range(stage.chance.randint(12, 30)):
            wrong = Identity("unknown", f"{stage.chance.getrandbits(128):032x}")
            client = stage.client(wrong, address, AGENTS["python"])
            client.get(stage.chance.choice(("/api/v1/namespaces", "/api/v1/pods", "/api")))
            client.close()
    found = stage.client(stage.lab.static("legacy-ci"), address, AGENTS["python"])
    with stage.step("come in", found, "initial-access", ("A05", "N13", "A07")):
        stage.must(found.get("/api"))
        found.get("/api/v1/namespaces/ci/secrets")
        found.get("/api/v1/pods")


SCENARIO = Scenario(
    "token-guessing",
    "Many refusals, then one success",
    "attack",
    "find a credential that works",
    ("T1110", "T1078"),
    _play,
)
