import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from kwho.cli import root, snapshot
from kwho.cli.snapshot import snapshots

Make = Callable[..., Any]
POD = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "namespace": "shop"}}


def test_each_file_gives_its_facts(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(POD))
    found = snapshots([tmp_path / "a.json", tmp_path / "b.json"], "c1")
    assert [one.told[0].fact.thing for one in found] == [("pods", "c1", "shop", "p")] * 2
    assert len({one.told[0].sighting.key for one in found}) == 2


def test_what_cannot_be_read_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(click.UsageError, match="No such file"):
        snapshots([tmp_path / "none.json"], None)
    (tmp_path / "x.json").write_text("kind: Pod")
    with pytest.raises(click.UsageError, match=r"x.json: no JSON of a Kubernetes object"):
        snapshots([tmp_path / "x.json"], None)
    monkeypatch.setattr(snapshot, "FILES", 0)
    with pytest.raises(click.UsageError, match="at most"):
        snapshots([tmp_path / "x.json"], None)


def test_a_snapshot_tells_what_an_exec_enters(event: Make, write: Make, tmp_path: Path) -> None:
    ref = {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "p"}
    log = write(event(objectRef=ref, responseStatus={"code": 101}))
    pod = {**POD, "spec": {"hostPID": True, "containers": [{"name": "a"}]}}
    (tmp_path / "pods.json").write_text(json.dumps({"kind": "List", "items": [pod]}))
    titles = {}
    for options in ([], ["--snapshot", str(tmp_path / "pods.json")]):
        result = CliRunner().invoke(root, ["scan", str(log), "--format", "jsonl", "--quiet", *options])
        assert result.exit_code == 0
        lines = map(json.loads, result.stdout.splitlines())
        titles[bool(options)] = {line["title"] for line in lines if line["type"] == "finding"}
    assert titles[True] - titles[False] == {"Way opened into a pod with power over node or cluster"}
    seeing = [
        json.loads(CliRunner().invoke(root, ["rules", "blind", str(log), "--format", "json", *options]).stdout)[
            "active"
        ]
        for options in ([], ["--snapshot", str(tmp_path / "pods.json")])
    ]
    assert set(seeing[0]) < set(seeing[1])
    broken = CliRunner().invoke(root, ["scan", str(log), "--snapshot", str(log.parent / "none.json")])
    assert broken.exit_code == 2
    assert "--snapshot" in broken.output
