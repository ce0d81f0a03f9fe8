"""What a reader yields: a record that holds one event, or a rejected record with the reason. Nothing disappears."""

from typing import Literal

import msgspec

from kwho.schema.event import Event

Rejection = Literal["truncated", "malformed", "filtered", "unreadable"]


class Context(msgspec.Struct, frozen=True, gc=False):
    """What the wrapper of an event tells; one shared object per distinct content, so readers compare by identity.

    `derived` names event fields that were guessed or rebuilt, `lost` those the wrapper cannot carry or dropped.
    `instance` is the API server as far as the wrapper tells (log stream, node, pod), else None.
    """

    format: str
    cluster: str | None = None
    instance: str | None = None
    derived: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Record(msgspec.Struct, gc=False):
    """One event and where it stands.

    `line` is 1-based and `offset` a byte offset, both of the outer record within the part that was read (decompressed);
    `index` is the number of the event within its outer record. `raw` is the innermost JSON text as it was found.
    `assumed` names fields that were missing and are taken for granted, `damaged` fields that could not be decoded.
    """

    event: Event
    context: Context
    raw: bytes
    line: int
    offset: int
    index: int = 0
    assumed: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


class Rejected(msgspec.Struct, gc=False):
    """One record that is no event. `reason` is a short stable phrase that is counted; `excerpt` is hostile text.

    kind `filtered` means: well-formed, but no audit event; `reason` then says what it is (`AdmissionReview`, `klog` …).
    """

    kind: Rejection
    reason: str
    line: int
    offset: int
    index: int = 0
    excerpt: str = ""
    audit_id: str | None = None
    format: str | None = None
