"""A log may be cut anywhere: the answer is that of the whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kwho.schema.finding import plain
from kwho.schema.result import Result

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to make a failure smaller takes minutes
SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
Make = Callable[..., dict[str, Any]]

TIMES = (
    "2026-01-05T10:00:00.000000Z", "2026-01-05T10:00:00.900000Z", "2026-01-05T10:00:00.5Z", "2026-01-05T10:00:01Z",
    "2026-01-05T10:59:59.999999Z", "2026-01-05T11:00:00.000001Z", "2026-01-05T10:00:00.1+01:00",
    "2026-01-05T10:00:00.00000xZ", "2026-01-05t10:00:00.950000Z", "yesterday", "1970-01-01T00:00:00.000000Z", None,
)  # fmt: skip
CREDENTIAL = "authentication.kubernetes.io/credential-id"
USERS = (
    {"username": "ana"},
    {"username": "bo", "groups": ["g"]},
    *({"username": name, "extra": {CREDENTIAL: [f"JTI={name}{n}"]}} for name in ("bo", "cy") for n in (1, 2)),
    {"username": "bo", "extra": {CREDENTIAL: ["JTI=cy1"]}},
    None,
)
STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "ResponseComplete", "Panic")
NOISE = (
    b"\n",
    b"  \n",
    b"{broken\n",
    b'{"kind":"Event"\n',
    b"\xff\xfe\n",
    b"I0105 10:00:00.1 1 x.go:1] klog\n",
    b"]\n",
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Members of an event that differ from the usual ones."""
    code = draw(st.sampled_from([200, 201, 401, 403, 500, None]))
    body = draw(st.sampled_from([None, None, {"a": 1}]))
    return {
        "number": draw(st.integers(0, 5)),
        "verb": draw(st.sampled_from(["get", "list", "watch", "create"])),
        "stage": draw(st.sampled_from(STAGES)),
        "user": draw(st.sampled_from(USERS)),
        "auditID": draw(st.sampled_from(["a", "b", "c", "d", None])),
        "requestReceivedTimestamp": draw(st.sampled_from(TIMES)),
        "userAgent": draw(st.sampled_from(["kubectl", "curl/8", None])),
        "responseStatus": {"code": code} if code else None,
        "requestObject": body,
    }


@st.composite
def logs(draw: st.DrawFn) -> Callable[[Make], bytes]:
    """A log of every shape that a record may have, once somebody gives the events."""
    shapes = st.sampled_from(["line", "line", "line", "pretty", "list", "cri", "noise", "again"])
    plan = draw(
        st.lists(st.tuples(shapes, st.lists(events(), min_size=1, max_size=3), st.integers(1, 300)), max_size=14)
    )

    def write(make: Make) -> bytes:
        pieces: list[bytes] = []
        for shape, members, size in plan:
            made = [make(**member) for member in members]
            pieces.append(_shaped(shape, made, size, pieces))
        return b"".join(pieces)

    return write


def _shaped(shape: str, made: list[dict[str, Any]], size: int, before: list[bytes]) -> bytes:
    text = json.dumps(made[0]).encode()
    match shape:
        case "line":
            return text + b"\n"
        case "pretty":
            return json.dumps(made[0], indent=2).encode() + b"\n"
        case "list":
            return json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": made}).encode() + b"\n"
        case "cri":
            cut = [text[at : at + size] for at in range(0, len(text), size)]
            tags = [b"P"] * (len(cut) - 1) + [b"F"]
            time = b"2026-01-05T10:00:00.000000000Z stdout "
            return b"".join(time + tag + b" " + piece + b"\n" for tag, piece in zip(tags, cut, strict=True))
        case "again":
            return before[size % len(before)] if before else b""
        case _:
            return NOISE[size % len(NOISE)]


def told(result: Result) -> dict[str, Any]:
    """A result as plain data."""
    found: dict[str, Any] = msgspec.to_builtins(result, enc_hook=plain)
    return found


@settings(
    max_examples=40, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(log=logs(), part=st.integers(40, 3_000))
def test_any_size_of_parts_gives_the_answer_of_the_whole(
    log: Callable[[Make], bytes], part: int, event: Make, scan: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "audit.log").write_bytes(log(event))
    whole = told(scan("audit.log"))
    same(told(scan("audit.log", part=part)), whole)


@settings(
    max_examples=15, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=logs(), second=logs(), part=st.integers(50, 3_000))
def test_the_ledger_reconciles_in_every_file_and_in_total(
    first: Callable[[Make], bytes],
    second: Callable[[Make], bytes],
    part: int,
    event: Make,
    scan: Callable[..., Result],
    tmp_path: Path,
) -> None:
    (tmp_path / "one.log").write_bytes(first(event))
    (tmp_path / "two.log").write_bytes(second(event))
    found = scan("one.log", "two.log", part=part, where="-user:bo")
    assert found.input.reconciles
    assert all(file.counts.reconciles for file in found.files)
    assert sum(file.counts.records for file in found.files) == found.input.records
    lost = found.input.truncated + found.input.malformed + found.input.filtered_by.get("not_audit", 0)
    assert sum(found.statistics.reasons.values()) == lost


def test_more_problems_than_are_shown_are_the_same_ones_however_the_file_is_cut(
    scan: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "audit.log").write_bytes(b"{broken\n\n" * 300)
    whole = scan("audit.log")
    assert whole.input.records == 300
    assert [problem.line for problem in whole.problems] == list(range(1, 200, 2))
    assert told(scan("audit.log", part=40)) == told(whole)


def same(found: Any, wanted: Any, path: str = "") -> None:
    """Fail where two results differ, and nowhere else."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in found.keys() | wanted.keys():
            same(found.get(name), wanted.get(name), f"{path}.{name}")
    else:
        assert found == wanted, path
