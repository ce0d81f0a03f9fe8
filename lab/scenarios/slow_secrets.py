"""One secret now and then, each within rights, over the whole time."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    targets = [
        ("shop", "orders-db"),
        ("payments", "ledger-db"),
        ("data", "warehouse"),
        ("backup", "bucket-key"),
        ("argocd", "repo-deploy-key"),
    ]
    for namespace, name in stage.chance.sample(targets, len(targets)):
        with stage.step(f"read {namespace}/{name}", thief, "credential-access", ("F01", "F05", "F06", "F11")):
            stage.must(thief.get(f"/api/v1/namespaces/{namespace}/secrets/{name}"))
        stage.pause()
        stage.pause()


SCENARIO = Scenario(
    "slow-secrets",
    "Secrets are read one by one",
    "attack",
    "collect credentials below every threshold",
    ("T1552.007",),
    _play,
)
