"""Manifests find the paths that take them."""

import pytest
from lab.cluster import POLICIES
from lab.laboratory import WORLD
from lab.manifests import binding, collection, path_of, pod, read, user, workload


@pytest.mark.parametrize(
    ("kind", "api", "namespace", "path"),
    [
        ("Pod", "v1", "shop", "/api/v1/namespaces/shop/pods"),
        ("Namespace", "v1", "", "/api/v1/namespaces"),
        ("Endpoints", "v1", "shop", "/api/v1/namespaces/shop/endpoints"),
        ("Ingress", "networking.k8s.io/v1", "a", "/apis/networking.k8s.io/v1/namespaces/a/ingresses"),
        ("ValidatingAdmissionPolicy", "g/v1", "", "/apis/g/v1/validatingadmissionpolicies"),
    ],
)
def test_a_kind_has_a_collection(kind: str, api: str, namespace: str, path: str) -> None:
    assert collection(kind, api, namespace) == path


def test_a_manifest_goes_to_the_collection_of_its_namespace() -> None:
    assert path_of(pod("p", "i", namespace="n")) == "/api/v1/namespaces/n/pods"
    assert path_of(binding("b", "r", [user("u")])) == "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"


def test_a_cron_job_wraps_a_job_that_wraps_a_pod() -> None:
    body = workload("CronJob", "c", "i", hostPID=True)
    inner = body["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (inner["hostPID"], inner["restartPolicy"], inner["containers"][0]["image"]) == (True, "Never", "i")


def test_a_deployment_selects_its_own_pods() -> None:
    spec = workload("Deployment", "d", "i")["spec"]
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]


def test_the_organisation_creates_namespaces_before_what_lies_in_them() -> None:
    made = {"default", "kube-system"}
    for manifest in read(WORLD):
        assert manifest["metadata"].get("namespace", "default") in made
        if manifest["kind"] == "Namespace":
            made.add(manifest["metadata"]["name"])


def test_there_are_four_policies_and_each_has_rules() -> None:
    policies = {path.stem: list(read(path.parent)) for path in POLICIES.glob("*.yaml")}
    assert sorted(policies) == ["everything", "gke-like", "important", "metadata"]
    assert all(document["rules"] for documents in policies.values() for document in documents)
