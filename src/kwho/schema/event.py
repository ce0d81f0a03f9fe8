"""One Kubernetes audit event, as `audit.k8s.io/v1` spells it; bodies stay raw until somebody needs them.

Field names are the API's own (kubernetes/apiserver `pkg/apis/audit/v1/types.go`). Every field may be absent.
"""

from typing import Annotated, Final

import msgspec

ABSENT: Final = msgspec.Raw(b"")

STAGES: Final = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")
LEVELS: Final = ("None", "Metadata", "Request", "RequestResponse")


class User(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`authentication.k8s.io/v1 UserInfo`: the caller, or the identity the caller impersonates."""

    username: str | None = None
    uid: str | None = None
    groups: tuple[str, ...] | None = None
    extra: dict[str, tuple[str, ...]] | None = None


class ObjectRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The object a resource request names; absent for non-resource requests."""

    resource: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None
    apiGroup: str | None = None
    apiVersion: str | None = None
    resourceVersion: str | None = None
    subresource: str | None = None


class Status(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`metav1.Status`: what the server answered; absent at RequestReceived."""

    metadata: msgspec.Raw = ABSENT
    status: str | None = None
    message: str | None = None
    reason: str | None = None
    details: msgspec.Raw = ABSENT
    code: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] | None = None
    """An `int32`, as in the API: a longer number is a broken field and no code."""


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One stage of one request. `ABSENT` (an empty `Raw`) stands for a body that is not there."""

    kind: str | None = None
    apiVersion: str | None = None
    level: str | None = None
    auditID: str | None = None
    stage: str | None = None
    requestURI: str | None = None
    verb: str | None = None
    user: User | None = None
    impersonatedUser: User | None = None
    authenticationMetadata: msgspec.Raw = ABSENT
    sourceIPs: tuple[str, ...] | None = None
    userAgent: str | None = None
    objectRef: ObjectRef | None = None
    responseStatus: Status | None = None
    requestObject: msgspec.Raw = ABSENT
    responseObject: msgspec.Raw = ABSENT
    requestReceivedTimestamp: str | None = None
    stageTimestamp: str | None = None
    annotations: dict[str, str] | None = None
