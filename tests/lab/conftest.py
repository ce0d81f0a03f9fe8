"""What the lab's tests share: the project's root on the path, kept observations, and a fresh one if wanted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "data" / "recordings"
LIVE = os.environ.get("KWHO_LAB") == "live"
KEPT = sorted(folder.name for folder in RECORDINGS.glob("observed-*"))

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from lab.observation import Observation, load  # noqa: E402 - the root must be on the path first


def read(path: Path) -> str:
    """A file's text, compressed or not."""
    packed = path.with_name(path.name + ".zst")
    return zstd.decompress(packed.read_bytes()).decode() if packed.exists() else path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of the recordings that are kept with the project."""
    return RECORDINGS


@pytest.fixture(scope="session", params=[*KEPT, *(["live"] if LIVE else [])])
def observation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Observation:
    """A kept observation, or with KWHO_LAB=live one that is made now (about half a minute)."""
    if request.param != "live":
        return load(RECORDINGS / request.param, read)
    target = tmp_path_factory.mktemp("observed")
    version = os.environ.get("KWHO_LAB_KUBERNETES", "v1.36.1")
    command = [sys.executable, "-m", "lab", "observe", "--kubernetes", version, "--out", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return load(target, read)
