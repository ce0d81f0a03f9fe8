"""What `kwho scan --format jsonl` says about a log: claims, incidents, and which rules could not see."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from kwho.schema.event import User
from kwho.schema.finding import SEVERITIES, Severity
from kwho.schema.moment import parse_moment

LOUD = SEVERITIES.index("medium")
"""Findings and incidents from here on are above low."""


@dataclass(frozen=True)
class Claim:
    """A finding, as far as it is measured; `until` is its last moment in microseconds since 1970."""

    id: str
    rule: str
    title: str
    correlated: bool
    severity: Severity
    rows: frozenset[str]
    audit_ids: frozenset[str]
    until: int | None

    @property
    def loud(self) -> bool:
        """True above low."""
        return SEVERITIES.index(self.severity) >= LOUD


@dataclass(frozen=True)
class Incident:
    """An incident and every request that its findings cite."""

    id: str
    severity: Severity
    audit_ids: frozenset[str]

    @property
    def loud(self) -> bool:
        """True above low."""
        return SEVERITIES.index(self.severity) >= LOUD


@dataclass(frozen=True)
class Answer:
    """All that one scan said; `blind` are the ids of rules that could not fire on this log."""

    claims: tuple[Claim, ...]
    incidents: tuple[Incident, ...]
    blind: frozenset[str]
    events: int
    hours: float


def scan(log: Path, *options: str) -> Answer:
    """The answer of `kwho scan LOG`, in a process of its own; RuntimeError with its words when it fails."""
    command = [sys.executable, "-m", "kwho", "scan", str(log), "--format", "jsonl", "--quiet", *options]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return read(done.stdout.splitlines())


def read(lines: Iterable[bytes]) -> Answer:
    """The answer that these lines of JSON are; they end with the summary."""
    *said, summary = (msgspec.json.decode(line) for line in lines)
    claims = tuple(_claim(one) for one in said if one["type"] == "finding")
    cited = {claim.id: claim.audit_ids for claim in claims}
    incidents = tuple(_incident(one, cited) for one in said if one["type"] == "incident")
    blind = frozenset(entry["rule"] for entry in summary["blind"])
    return Answer(claims, incidents, blind, summary["input"]["events"], _hours(summary["span"]))


class Request(NamedTuple):
    """A request of a log: when it was received (microseconds since 1970), who sent it, and if its answer is there.

    `party` is the user name; of those who have none of their own, the address.
    """

    moment: int
    party: str
    answered: bool


def requests(log: Iterable[bytes]) -> dict[str, Request]:
    """The requests of a native log by audit id; a later stage takes the place of an earlier one."""
    found: dict[str, Request] = {}
    for event in map(_SEEN.decode, log):
        moment = parse_moment(event.requestReceivedTimestamp)
        answered = event.stage != "RequestReceived"
        if moment is not None and (answered or event.auditID not in found):
            found[event.auditID] = Request(moment, event.party, answered)
    return found


class _Seen(msgspec.Struct):
    auditID: str  # noqa: N815  the API's own spelling
    stage: str
    requestReceivedTimestamp: str  # noqa: N815  the API's own spelling
    user: User = User()
    sourceIPs: tuple[str, ...] = ()  # noqa: N815  the API's own spelling

    @property
    def party(self) -> str:
        address = self.sourceIPs[-1] if self.sourceIPs else ""
        return address if self.user.username in (None, "system:anonymous") else str(self.user.username)


_SEEN: Final = msgspec.json.Decoder(_Seen)


def _claim(one: Mapping[str, Any]) -> Claim:
    rule = one["rule"]
    return Claim(
        one["id"],
        rule["id"],
        rule["title"],
        one["detector"] == "correlation",
        one["severity"],
        frozenset(rule["detections"]),
        frozenset(_ids(one["events"])),
        parse_moment(one["time"]["last"]),
    )


def _incident(one: Mapping[str, Any], cited: Mapping[str, frozenset[str]]) -> Incident:
    ids = frozenset().union(*(cited.get(name, frozenset()) for name in one["findings"]))
    return Incident(one["id"], one["severity"], ids.union(*(_ids(step["events"]) for step in one["story"])))


def _ids(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (event["audit_id"] for event in events if event["audit_id"] is not None)


def _hours(span: Mapping[str, str | None]) -> float:
    first, last = parse_moment(span["first"]), parse_moment(span["last"])
    return 0.0 if first is None or last is None else (last - first) / 3_600_000_000
