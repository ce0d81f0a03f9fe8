"""The input ledger: every record is exactly one of six things, and the sums are checked (`Counts.reconciles`)."""

import msgspec


class Counts(msgspec.Struct):
    """`records` = events + duplicates + truncated + malformed + filtered + unreadable; `requests` are folded events."""

    records: int = 0
    events: int = 0
    requests: int = 0
    duplicates: int = 0
    truncated: int = 0
    malformed: int = 0
    filtered: int = 0
    unreadable: int = 0
    filtered_by: dict[str, int] = {}
    """Why records were filtered: `not_audit` (well-formed, no audit event) or `user` (the user's own filter)."""

    @property
    def reconciles(self) -> bool:
        """True when every record is accounted for exactly once."""
        kept = self.events + self.duplicates
        lost = self.truncated + self.malformed + self.filtered + self.unreadable
        return self.records == kept + lost and self.filtered == sum(self.filtered_by.values())


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record that did not become an event, and where it stands; `excerpt` is hostile text."""

    kind: str
    reason: str
    file: str
    line: int
    offset: int
    index: int = 0
    audit_id: str | None = None
    excerpt: str = ""


class FileReport(msgspec.Struct, kw_only=True):
    """One input file: what it was taken for (formats, most frequent first, joined by `+`) and its counts."""

    path: str
    format: str | None = None
    counts: Counts
    bytes: int = 0
    """Decompressed bytes read."""


class Gap(msgspec.Struct, frozen=True):
    """A silence of a steady API server, RFC 3339 in UTC; `instance` as in `Result.instances`."""

    from_: str = msgspec.field(name="from")
    to: str
    instance: str | None
