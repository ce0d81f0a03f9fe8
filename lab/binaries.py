"""Where the control plane's programs come from: envtest's folder, or built once from the public Go modules."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

VERSIONS: Final = ("v1.36.1", "v1.30.4")
PROGRAMS: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "node")
_ENVTEST: Final = ("etcd", "kube-apiserver", "kubectl")
_MODULES: Final = Path(__file__).parent / "go"


class MissingBinariesError(RuntimeError):
    """The programs of a version are not there; the message says what to run."""


def cache_folder() -> Path:
    """The folder that keeps what was built: KWHO_LAB_CACHE, else kwho-lab in the user's cache."""
    if chosen := os.environ.get("KWHO_LAB_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kwho-lab"


def find(version: str) -> dict[str, Path]:
    """Every program of `version` by name; raises MissingBinariesError when one is absent or out of date."""
    folder = _folder(version)
    found = {name: folder / name for name in PROGRAMS if (folder / name).is_file()}
    if found and _stamp(folder) != _digest(version):
        found = {}
    found |= _from_envtest(version)
    missing = [name for name in PROGRAMS if name not in found]
    if missing:
        raise MissingBinariesError(
            f"Kubernetes {version}: no {', '.join(missing)}; run `python -m lab build --kubernetes {version}`"
        )
    return found


def build(version: str, *, jobs: int = 2) -> Path:
    """Build all programs of `version` into the cache and return their folder; at once when they are there already."""
    module = _MODULES / version
    if not (module / "go.mod").is_file():
        raise MissingBinariesError(f"no Go module for Kubernetes {version}; known are {', '.join(VERSIONS)}")
    folder = _folder(version)
    if _stamp(folder) == _digest(version) and all((folder / name).is_file() for name in PROGRAMS):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("go") is None:
        raise MissingBinariesError("building needs the Go tool chain (go 1.26) on the PATH")
    subprocess.run(
        [
            "go",
            "build",
            "-p",
            str(jobs),
            "-trimpath",
            "-ldflags",
            _link_flags(version),
            "-o",
            f"{folder}/",
            "tool",
            "./node",
        ],
        cwd=module,
        check=True,
        env=os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local"},
    )
    (folder / "server").rename(folder / "etcd")  # etcd's main package is called so
    (folder / "sources.sha256").write_text(_digest(version), encoding="ascii")
    return folder


def commit_of(version: str) -> str:
    """The commit that our builds report: made up from the version, since a Go module does not know the real one."""
    return hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest()


def _folder(version: str) -> Path:
    return cache_folder() / version / "bin"


def _stamp(folder: Path) -> str:
    stamp = folder / "sources.sha256"
    return stamp.read_text(encoding="ascii") if stamp.is_file() else ""


def _digest(version: str) -> str:
    digest = hashlib.sha256(_link_flags(version).encode())
    for path in sorted((_MODULES / version).rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _from_envtest(version: str) -> dict[str, Path]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if not assets:
        return {}
    found = {name: Path(assets) / name for name in _ENVTEST if (Path(assets) / name).is_file()}
    server = found.get("kube-apiserver")
    if server is None:
        return {}
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    return found if said.split()[-1:] == [version] else {}


def _link_flags(version: str) -> str:
    major, minor, _ = version.removeprefix("v").split(".")
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    known = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitCommit": commit_of(version)}
    return " ".join(["-s -w", *(f"-X {package}.{name}={known[name]}" for package in packages for name in known)])
