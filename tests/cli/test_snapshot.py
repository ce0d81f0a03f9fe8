import json
from pathlib import Path

import click
import pytest

from kwho.cli import snapshot
from kwho.cli.snapshot import snapshots

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
