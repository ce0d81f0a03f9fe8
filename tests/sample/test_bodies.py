"""The objects have the shape that a server keeps."""

import base64
import json

from cryptography import x509
from cryptography.x509.oid import NameOID

from kwho.sample import bodies


def test_the_certificate_request_is_real_and_asks_for_the_masters() -> None:
    request = x509.load_pem_x509_csr(base64.b64decode(bodies.CERTIFICATE_REQUEST))
    organisation, name = NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME
    assert request.is_signature_valid
    assert [part.value for part in request.subject.get_attributes_for_oid(organisation)] == ["system:masters"]
    assert [part.value for part in request.subject.get_attributes_for_oid(name)] == ["ops-helper"]


def test_an_approval_says_by_whom() -> None:
    assert bodies.certificate_request("a")["status"] == {}
    assert "by bruno" in json.dumps(bodies.certificate_request("a", "bruno"))


def test_an_ordinary_pod_is_hardened_and_a_host_pod_is_not() -> None:
    ordinary, host = (json.dumps(spec) for spec in (bodies.pod_spec("a", "b"), bodies.host_pod_spec("a", "b", "c")))
    assert '"privileged"' not in ordinary
    assert '"hostPath"' not in ordinary
    assert '"privileged": true' in host
    assert '"hostPath": {"path": "/"' in host


def test_only_the_server_knows_the_name_of_a_generated_pod() -> None:
    asked, made = (json.loads(bodies.pod("shop", "web-1", "ReplicaSet", {}, name)) for name in ("", "web-1-x"))
    assert "name" not in asked["metadata"]
    assert made["metadata"]["name"] == "web-1-x"
    assert asked["metadata"]["generateName"] == made["metadata"]["generateName"] == "web-1-"
    assert asked["metadata"]["ownerReferences"][0]["apiVersion"] == "apps/v1"
    assert json.loads(bodies.pod("shop", "a", "Job", {}))["metadata"]["ownerReferences"][0]["apiVersion"] == "batch/v1"


def test_a_workload_selects_its_own_pods() -> None:
    for kind in ("Deployment", "DaemonSet"):
        spec = json.loads(bodies.encode(bodies.workload(kind, "shop", "web", {})))["spec"]
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        assert ("replicas" in spec) == (kind == "Deployment")


def test_a_cron_job_carries_its_pod_three_levels_down() -> None:
    body = json.loads(bodies.encode(bodies.cron_job("shop", "tidy", "* * * * *", {"containers": []})))
    assert body["spec"]["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"


def test_a_binding_may_announce_its_ticket() -> None:
    subject = {"kind": "User", "name": "alice"}
    assert "annotations" not in json.dumps(bodies.binding("a", "view", subject))
    assert "change.example.com/ticket" in json.dumps(bodies.binding("a", "view", subject, ticket="CHG-1"))


def test_the_status_of_a_pod_is_json() -> None:
    assert json.loads(bodies.STATUS)["status"]["phase"] == "Running"
