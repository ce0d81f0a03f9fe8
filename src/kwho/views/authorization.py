"""Why a request was allowed: the binding, role and subject that RBAC names in its reason."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from kwho.views import Look

REASON: Final = "authorization.k8s.io/reason"

_LONGEST_REASON: Final = 16_384
_SHORT_REASON: Final = 512
_REASONS: Final = 2_048
"""Short reasons that are read once: there is one for each binding and subject."""
_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_ALLOWED: Final = re.compile(
    rf"RBAC: allowed by (\w+) {_QUOTED} of (\w+) {_QUOTED} to (\w+) {_QUOTED}", re.ASCII | re.DOTALL
)
_ESCAPE: Final = re.compile(r'\\(["\\])')


class Allowed(NamedTuple):
    """The binding and the role as `Kind/name` (`RoleBinding/namespace/name`), the subject as in a binding."""

    binding: str | None = None
    role: str | None = None
    subject: str | None = None


def allowed_by(look: Look) -> Allowed:
    """What RBAC wrote into the reason; empty for other authorizers and for `system:masters`."""
    reason = (look.event.annotations or {}).get(REASON, "")
    return _remembered(reason) if len(reason) <= _SHORT_REASON else _read(reason)


def _read(reason: str) -> Allowed:
    match = _ALLOWED.match(reason) if len(reason) <= _LONGEST_REASON else None
    if match is None:
        return Allowed()
    binding_kind, binding, role_kind, role, subject_kind, subject = (
        _ESCAPE.sub(r"\1", part) for part in match.groups()
    )
    if binding_kind == "RoleBinding":
        binding = _namespace_first(binding)
    if subject_kind == "ServiceAccount":
        subject = _namespace_first(subject)
    return Allowed(f"{binding_kind}/{binding}", f"{role_kind}/{role}", f"{subject_kind}:{subject}")


_remembered = lru_cache(maxsize=_REASONS)(_read)


def _namespace_first(text: str) -> str:
    name, slash, namespace = text.rpartition("/")
    return f"{namespace}/{name}" if slash else text
