"""The policy that refuses foreign images only warns, then ignores failures, then is gone."""

from lab.client import MERGE
from lab.story import Scenario, Stage

_ROOT = "/apis/admissionregistration.k8s.io/v1"
_NAME = "images-from-known-registries"


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    binding = f"{_ROOT}/validatingadmissionpolicybindings/{_NAME}"
    before = stage.must(thief.get(binding)).json
    with stage.step("warn only", thief, "defense-evasion", ("N04",)):
        stage.must(thief.patch(binding, {"spec": {"validationActions": ["Audit"]}}, MERGE))
    with stage.step("ignore failures", thief, "defense-evasion", ("N04",)):
        path = f"{_ROOT}/validatingadmissionpolicies/{_NAME}"
        stage.must(thief.patch(path, {"spec": {"failurePolicy": "Ignore"}}, MERGE))
    with stage.step("remove the binding", thief, "defense-evasion", ("N04",)):
        stage.must(thief.delete(binding))
    with stage.step("the administrator restores it", "kubernetes-admin", kind="confounder"):
        admin = stage.admin()
        body = {"apiVersion": before["apiVersion"], "kind": before["kind"], "metadata": {"name": _NAME}}
        admin.post(f"{_ROOT}/validatingadmissionpolicybindings", body | {"spec": before["spec"]})
        admin.patch(f"{_ROOT}/validatingadmissionpolicies/{_NAME}", {"spec": {"failurePolicy": "Fail"}}, MERGE)


SCENARIO = Scenario(
    "admission-relaxed",
    "An admission policy is relaxed and removed",
    "attack",
    "let foreign images in",
    ("T1562",),
    _play,
)
