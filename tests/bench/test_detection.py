"""On the recordings that are kept with the project, kwho finds what it found before and says no more in vain."""

import os

import pytest
from bench.detection.logs import RECORDINGS, recordings
from bench.detection.measure import load, save, worse
from bench.detection.page import PAGE, written
from bench.detection.score import rows
from bench.detection.table import tables

from kwho.detect.pack import assemble

ALL = bool(os.environ.get("CI") or os.environ.get("KWHO_REFRESH"))
QUICK = ("v1.36.1-gke-like-14", "v1.36.1-important-31", "v1.36.1-metadata-12")
NAMES = sorted(path.parent.name for path in RECORDINGS.glob("*/labels.jsonl.zst"))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_got_worse(name: str) -> None:
    if not ALL and name not in QUICK:
        pytest.skip("replayed with CI=1, for it takes seconds")
    (log,) = recordings(RECORDINGS, name)
    now = log.measure(rows(assemble([])))
    kept = load()
    if os.environ.get("KWHO_REFRESH"):
        kept.recordings = dict(sorted((kept.recordings | {name: now}).items()))
        save(kept)
        PAGE.write_text(written(PAGE.read_text("utf-8"), tables(kept)), encoding="utf-8")
    assert worse(kept.recordings[name], now) == [], "if it is meant: KWHO_REFRESH=1 pytest tests/bench -p no:xdist"


def test_every_recording_is_measured() -> None:
    assert sorted(load().recordings) == NAMES
