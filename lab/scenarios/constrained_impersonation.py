"""A role with the new, narrower verbs of impersonation, bound and used."""

from lab.cast import OFFICE
from lab.manifests import binding, role, user
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    heidi = stage.lab.person("heidi")
    name = stage.word("audit-viewer", "on-behalf")
    rules = [
        {"apiGroups": ["authentication.k8s.io"], "resources": ["users", "groups"], "verbs": ["impersonate:user-info"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["impersonate-on:user-info:list"]},
    ]
    with stage.step("make and bind the role", thief, "privilege-escalation", ("N14", "E03", "E12", "E19")):
        stage.must(stage.create(thief, role(name, rules)))
        stage.must(stage.create(thief, binding(name, name, [user(heidi.user)])))
    headers = {"Impersonate-User": "oidc:bob@example.com", "Impersonate-Group": "oidc:team-payments"}
    helper = stage.client(stage.lab.login("heidi"), OFFICE, heidi.agent, headers)
    with stage.step("list secrets as somebody else", helper, "credential-access", ("N14", "F24", "F03")):
        helper.get("/api/v1/namespaces/payments/secrets")
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        for kind in ("clusterrolebindings", "clusterroles"):
            stage.admin().delete(f"/apis/rbac.authorization.k8s.io/v1/{kind}/{name}")


SCENARIO = Scenario(
    "constrained-impersonation",
    "Impersonation by the narrower verbs",
    "attack",
    "impersonate without the verb impersonate",
    ("T1134", "T1098.006"),
    _play,
    since=(1, 36),
)
