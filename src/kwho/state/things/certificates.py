"""Certificate signing requests: who asked for which name, who approved, and the certificate that came of it."""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Final, Self

from kwho.state.fact import Fact, Lasting, clip, clip_all
from kwho.state.things import CHANGED, actor, change, subject_of
from kwho.views import Look, certificate
from kwho.views.body import mapping, request_body, response_body, text, written_object

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
LONGEST_CERTIFICATE: Final = 65_536
"""Characters of an encoded certificate that are read."""


class Certificate(Lasting, frozen=True, gc=False):
    """What a signing request asks for, and what became of it.

    `approver` is told by the condition's body or by the caller of the approval; `credential` is the id under which the
    certificate shows in requests (`X509SHA256=…`), known once the signed certificate stands in a body.
    """

    common_names: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    signer: str | None = None
    usages: tuple[str, ...] = ()
    requestor: str | None = None
    approved: bool | None = None
    approver: str | None = None
    credential: str | None = None
    partial: bool = False

    def onto(self, former: Self) -> Self:
        """What was known, and each member that is told now."""
        return type(self)(
            self.common_names or former.common_names,
            self.organizations or former.organizations,
            self.signer or former.signer,
            self.usages or former.usages,
            former.requestor or self.requestor,
            self.approved if self.approved is not None else former.approved,
            self.approver or former.approver,
            self.credential or former.credential,
            former.partial,
        )


class Certificates:
    """Finds facts about certificate signing requests and their approval."""

    kind = "certificates"
    condition = (
        "target:certificatesigningrequests,certificatesigningrequests/approval,certificatesigningrequests/status "
        f"{CHANGED}"
    )
    resources = (("certificates.k8s.io", "certificatesigningrequests"),)

    def observe(self, look: Look) -> Iterator[Fact]:
        """The signing request that is made, approved, signed or deleted."""
        found = subject_of(look, self.kind)
        if found is not None:
            yield Fact(found, look.see(change), actor(look), _content(look))


def _content(look: Look) -> Certificate | None:
    """Certificates add up: every request on one adds what it tells."""
    if look.event.verb in ("delete", "deletecollection"):
        return None
    subject, ref = look.see(certificate.subject), look.event.objectRef
    caller, approval = actor(look).effective, ref is not None and ref.subresource == "approval"
    snapshot = look.event.user is None  # nobody's own words: a client may write any condition into its request
    approved = certificate.approved(look) if approval or snapshot else None
    spec = mapping(look.see(written_object), "spec")
    return Certificate(
        clip_all(subject.common_names),
        clip_all(subject.organizations),
        clip(certificate.signer(look)),
        clip_all(certificate.usages(look)),
        caller if look.see(change) == "made" and not snapshot else clip(text(spec.get("username"))),
        approved,
        caller if approval and approved is not False else None,
        _credential(look),
        look.see(change) != "made",
    )


def _credential(look: Look) -> str | None:
    """The id of the signed certificate: the digest of its first block."""
    for body in (look.see(request_body), look.see(response_body)):
        encoded = text(mapping(body, "status").get("certificate"))
        if encoded and len(encoded) <= LONGEST_CERTIFICATE:
            return _fingerprint(encoded)
    return None


def _fingerprint(encoded: str) -> str | None:
    try:
        pem = base64.b64decode(encoded.encode("ascii"))
        block = pem.partition(_BEGIN)[2].partition(_END)[0]
        der = base64.b64decode(b"".join(block.split()), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return f"X509SHA256={hashlib.sha256(der).hexdigest()}" if der else None
