"""Certificates and requests carry the names that Kubernetes reads."""

from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from lab.pki import Authority, signing_request


def test_a_leaf_carries_user_and_groups_and_is_signed_by_its_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "ca")
    pair = authority.issue("node", "system:node:a", ("system:nodes",), hosts=("10.0.0.1", "a.example.com"))
    leaf = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    root = x509.load_pem_x509_certificate(authority.pair.certificate.read_bytes())
    leaf.verify_directly_issued_by(root)
    (name,) = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (group,) = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (name.value, group.value) == ("system:node:a", "system:nodes")


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    pair = Authority(tmp_path, "ca").issue("x", "x")
    assert pair.key.stat().st_mode & 0o077 == 0


def test_a_signing_request_names_the_user() -> None:
    request, key = signing_request("admin", ("system:masters",))
    assert "system:masters" in x509.load_pem_x509_csr(request).subject.rfc4514_string()
    assert key.startswith(b"-----BEGIN PRIVATE KEY")
