"""All secrets, namespace by namespace, in a minute, with a script and an administrator's session."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    with stage.step("name the namespaces", thief, "discovery", ("B05", "B09")):
        names = stage.must(thief.get("/api/v1/namespaces")).names
    with stage.step("sweep the secrets", thief, "credential-access", ("F01", "F03", "F04", "F05", "F06", "F11")):
        for namespace in stage.chance.sample(names, len(names)):
            for name in thief.get(f"/api/v1/namespaces/{namespace}/secrets").names[:4]:
                thief.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        thief.get("/api/v1/secrets")


SCENARIO = Scenario(
    "secrets-sweep",
    "All secrets are read in a minute",
    "attack",
    "collect every credential",
    ("T1552.007",),
    _play,
)
