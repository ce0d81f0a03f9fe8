"""What a recording is made of is told rightly, and a recording fitted to the published trace stays near it."""

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from lab.__main__ import main
from lab.mix import PUBLISHED, actor_of, mix, noise_of, read, table

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DATA = Path(__file__).parents[1] / "data" / "recordings"
PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "recordings.md").read_text(encoding="utf-8")
FITTED = "v1.36.1-metadata-41"
KEPT = (FITTED, *sorted(path.parent.name for path in DATA.glob("*/manifest.json") if path.parent.name != FITTED))
TOLERANCES = {"verb": 5.0, "verb without discovery": 6.0, "code": 5.0, "actor": 8.0, "noise": 5.0}
"""Points that a share of the fitted recording may be away from the published one."""


def event(verb: str, resource: str = "", part: str = "", **more: Any) -> dict[str, Any]:
    target = {"objectRef": {"resource": resource, **({"subresource": part} if part else {})}} if resource else {}
    return {"stage": "ResponseComplete", "verb": verb, "responseStatus": {"code": 200}, **target, **more}


@lru_cache(maxsize=16)
def of(name: str) -> dict[str, dict[str, float]]:
    return mix(read(DATA / name))


@pytest.mark.parametrize(
    ("found", "noise"),
    [
        (event("get"), "discovery"),
        (event("get", "pods"), "reads"),
        (event("list", "secrets"), "reads"),
        (event("watch", "pods"), "watches"),
        (event("watch", "leases"), "leases"),
        (event("update", "leases"), "leases"),
        (event("create", "events"), "events"),
        (event("update", "endpointslices"), "endpoints"),
        (event("create", "serviceaccounts", "token"), "tokens and reviews"),
        (event("create", "subjectaccessreviews"), "tokens and reviews"),
        (event("patch", "pods", "status"), "status writes"),
        (event("get", "pods", "status"), "reads"),
        (event("create", "pods", "binding"), "writes"),
        (event("delete", "pods"), "writes"),
    ],
)
def test_every_request_is_one_kind_of_noise(found: dict[str, Any], noise: str) -> None:
    assert noise_of(found) == noise


@pytest.mark.parametrize(
    ("user", "actor"),
    [
        ("system:serviceaccount:kube-system:job-controller", "accounts of kube-system"),
        ("system:serviceaccount:shop:web", "accounts"),
        ("system:node:node-1", "nodes"),
        ("system:apiserver", "API server"),
        ("system:kube-scheduler", "scheduler"),
        ("system:anonymous", "anonymous"),
        ("", "anonymous"),
        ("alice", "people and pipelines"),
    ],
)
def test_everybody_is_of_one_class(user: str, actor: str) -> None:
    assert actor_of({"user": {"username": user}}) == actor


def test_who_is_unknown_is_anonymous() -> None:
    assert actor_of({"user": None}) == "anonymous"


def test_what_was_only_received_is_left_out() -> None:
    found = mix([event("get", stage="RequestReceived"), event("list", "pods"), event("get", "pods")])
    assert (found["verb"]["get"], found["verb"]["list"]) == (50, 50)


def test_discovery_is_left_out_where_it_says_so() -> None:
    found = mix([event("get"), event("list", "pods")])
    assert (found["verb"]["get"], found["verb without discovery"]["get"]) == (50, 0)


def test_what_the_trace_does_not_have_is_counted_too() -> None:
    assert mix([event("proxy", "pods", responseStatus={"code": 500})])["verb"]["proxy"] == 100
    assert mix([event("get", responseStatus={"code": 500})])["code"]["other"] == 100
    assert mix([event("get", responseStatus=None)])["code"]["other"] == 100


def test_an_empty_log_has_no_shares() -> None:
    assert {share for shares in mix([]).values() for share in shares.values()} == {0}


@pytest.mark.parametrize("dimension", PUBLISHED)
def test_the_published_shares_are_whole(dimension: str) -> None:
    assert sum(PUBLISHED[dimension].values()) == pytest.approx(100, abs=0.4)


def test_packed_and_plain_recordings_are_told_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = json.dumps(event("get", "pods", user={"username": "alice"})).encode() + b"\n"
    for name, file, data in (("plain", "audit.log", line), ("packed", "audit.log.zst", zstd.compress(line))):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_bytes(data)
    assert main(["mix", str(tmp_path / "plain")]) == 0
    plain = capsys.readouterr().out
    assert main(["mix", str(tmp_path / "packed")]) == 0
    assert capsys.readouterr().out == plain == table(mix(read(tmp_path / "plain")))
    assert "people and pipelines              100.0   42.0" in plain


@pytest.mark.parametrize(("dimension", "points"), TOLERANCES.items())
def test_the_fitted_recording_is_near_the_published_trace(dimension: str, points: float) -> None:
    here, there = of(FITTED)[dimension], PUBLISHED[dimension]
    far = {
        name: (share, there.get(name, 0)) for name, share in here.items() if abs(share - there.get(name, 0)) > points
    }
    assert far == {}, f"more than {points} points away"


@pytest.mark.parametrize("dimension", PUBLISHED)
def test_the_shares_of_every_recording_are_described(dimension: str) -> None:
    for name in sorted({name for recording in KEPT for name in of(recording)[dimension]}):
        shares = (PUBLISHED[dimension].get(name, 0), *(of(recording)[dimension].get(name, 0) for recording in KEPT))
        assert f"| {name} | {' | '.join(f'{share:.1f}' for share in shares)} |" in PAGE


def test_the_tolerances_are_described() -> None:
    assert all(f"{points:g} points" in PAGE for points in TOLERANCES.values())
