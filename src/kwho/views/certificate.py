"""What a certificate signing request asks for, decoded."""

import base64
import binascii
import warnings
from typing import Final, NamedTuple

from kwho.views import Look
from kwho.views.body import Concern, concerns, mapping, mappings, text, texts, written, written_object

MAX_REQUEST: Final = 65_536
"""Bytes of a decoded `spec.request` that are read; a longer one counts as undecodable."""

_REQUESTS: Final = Concern(
    resources=frozenset({"certificatesigningrequests"}),
    groups=frozenset({"certificates.k8s.io"}),
    kinds=frozenset({"CertificateSigningRequest"}),
    subresources=frozenset({"", "approval", "status"}),
)


class Subject(NamedTuple):
    """Names inside the request; several common names are kept, as any of them may be the one that counts."""

    common_names: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()


def subject(look: Look) -> Subject:
    """The names that the PEM block in `spec.request` asks for; empty when there is none or it cannot be decoded."""
    if not concerns(look, _REQUESTS):
        return Subject()
    encoded = text(mapping(look.see(written_object), "spec").get("request"))
    if not encoded or len(encoded) > 2 * MAX_REQUEST:
        return Subject()
    try:
        pem = base64.b64decode(encoded.encode("ascii"), validate=False)
    except (UnicodeEncodeError, binascii.Error):
        return Subject()
    return _decode(pem) if len(pem) <= MAX_REQUEST else Subject()


def signer(look: Look) -> str | None:
    """The signer that is asked."""
    return text(mapping(look.see(written_object), "spec").get("signerName")) if concerns(look, _REQUESTS) else None


def usages(look: Look) -> tuple[str, ...]:
    """What the certificate shall be good for."""
    return texts(mapping(look.see(written_object), "spec").get("usages")) if concerns(look, _REQUESTS) else ()


def approved(look: Look) -> bool | None:
    """True when the written request carries the condition Approved; None when no body tells."""
    if look.see(written) is None or not concerns(look, _REQUESTS):
        return None
    conditions = mappings(mapping(look.see(written_object), "status").get("conditions"))
    return any(condition.get("type") == "Approved" and condition.get("status") != "False" for condition in conditions)


def _decode(pem: bytes) -> Subject:
    # Imported here: it takes longer to load than a small log takes to read, and few logs hold a request.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    unreadable = (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            request = x509.load_pem_x509_csr(pem)
            named = [
                tuple(str(attribute.value) for attribute in request.subject.get_attributes_for_oid(oid))
                for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
            ]
        except unreadable:
            return Subject()
        try:
            alternatives = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            hosts = tuple(alternatives.get_values_for_type(x509.DNSName))
        except (*unreadable, x509.ExtensionNotFound):
            hosts = ()
    return Subject(named[0], named[1], hosts)
