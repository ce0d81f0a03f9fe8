"""What a certificate signing request asks for."""

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views import certificate
from kwho.views.certificate import Subject

REF = {"apiGroup": "certificates.k8s.io", "resource": "certificatesigningrequests", "name": "x"}


def request(*names: tuple[Any, str], hosts: tuple[str, ...] = ()) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
        )
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


MASTER = request(
    (NameOID.ORGANIZATION_NAME, "system:masters"),
    (NameOID.ORGANIZATION_NAME, "ops"),
    (NameOID.COMMON_NAME, "root"),
    hosts=("a.example.com", "b.example.com"),
)


@pytest.fixture
def asked(look_at: Any) -> Any:
    def build(text: Any, **members: Any) -> Any:
        spec = {"request": text, "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth", 3]}
        return look_at(**{"verb": "create", "objectRef": REF, "requestObject": {"spec": spec}, **members})

    return build


def test_the_names_inside_are_decoded(asked: Any) -> None:
    look = asked(base64.b64encode(MASTER).decode())
    assert certificate.subject(look) == Subject(
        ("root",), ("system:masters", "ops"), ("a.example.com", "b.example.com")
    )
    assert certificate.signer(look) == "kubernetes.io/kube-apiserver-client"
    assert certificate.usages(look) == ("client auth",)


def test_a_request_without_hosts_has_none(asked: Any) -> None:
    pem = request((NameOID.COMMON_NAME, "system:node:n1"))
    assert certificate.subject(asked(base64.b64encode(pem).decode())) == Subject(("system:node:n1",), (), ())


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "!!!",
        "é",
        5,
        ["a"],
        base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----").decode(),
        base64.b64encode(MASTER.replace(b"CERTIFICATE REQUEST", b"CERTIFICATE")).decode(),
        base64.b64encode(MASTER[: len(MASTER) // 2]).decode(),
        base64.b64encode(MASTER + b" " * certificate.MAX_REQUEST).decode(),
        "A" * (3 * certificate.MAX_REQUEST),
    ],
)
def test_what_cannot_be_decoded_is_absent(asked: Any, text: Any) -> None:
    assert certificate.subject(asked(text)) == Subject()


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=60)
def test_any_damage_is_survived(look_at: Any, noise: bytes, place: int) -> None:
    der = x509.load_pem_x509_csr(MASTER).public_bytes(serialization.Encoding.DER)
    damaged = der[:place] + noise + der[place + len(noise) :]
    body = base64.b64encode(damaged).decode()
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n".encode()
    text = base64.b64encode(pem).decode()
    certificate.subject(look_at(verb="create", objectRef=REF, requestObject={"spec": {"request": text}}))


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_an_approval_is_told_by_its_condition(look_at: Any, verb: str) -> None:
    members: dict[str, Any] = {"verb": verb, "objectRef": {**REF, "subresource": "approval"}}

    def approved(*conditions: Any) -> bool | None:
        return certificate.approved(look_at(**members, requestObject={"status": {"conditions": list(conditions)}}))

    assert approved({"type": "Denied"}, {"type": "Approved", "status": "True"}) is True
    assert approved({"type": "Denied", "status": "True"}) is False
    assert approved({"type": "Approved", "status": "False"}) is False
    assert approved("Approved") is False
    assert certificate.approved(look_at(**members)) is None


def test_other_objects_are_no_certificate_requests(asked: Any) -> None:
    look = asked(base64.b64encode(MASTER).decode(), objectRef={"resource": "pods"})
    assert certificate.subject(look) == Subject()
    assert certificate.signer(look) is None
    assert certificate.usages(look) == ()
    assert certificate.approved(look) is None
