"""Where programs come from."""

from pathlib import Path

import pytest

from lab import binaries


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KWHO_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path / "cache"


def script(path: Path, says: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    path.chmod(0o755)


def test_an_empty_cache_says_what_to_run() -> None:
    with pytest.raises(binaries.MissingBinariesError, match=r"python -m lab build --kubernetes v1\.36\.1"):
        binaries.find("v1.36.1")


def test_an_unknown_version_has_no_module() -> None:
    with pytest.raises(binaries.MissingBinariesError, match=r"v1\.36\.1, v1\.30\.4"):
        binaries.build("v1.0.0")


def test_programs_built_from_other_sources_do_not_count(cache: Path) -> None:
    for name in binaries.PROGRAMS:
        script(cache / "v1.36.1" / "bin" / name, "x")
    (cache / "v1.36.1" / "bin" / "sources.sha256").write_text("of other sources", encoding="ascii")
    with pytest.raises(binaries.MissingBinariesError):
        binaries.find("v1.36.1")


def test_envtest_is_used_for_its_own_version_only(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("etcd", "kube-apiserver", "kubectl"):
        script(tmp_path / "assets" / name, "Kubernetes v1.36.1")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    with pytest.raises(binaries.MissingBinariesError, match="no kube-controller-manager, kube-scheduler, node;"):
        binaries.find("v1.36.1")
    with pytest.raises(binaries.MissingBinariesError, match="no etcd"):
        binaries.find("v1.30.4")


@pytest.mark.parametrize("version", binaries.VERSIONS)
def test_every_version_has_its_sources(version: str) -> None:
    folder = Path(binaries.__file__).parent / "go" / version
    text = (folder / "go.mod").read_text(encoding="utf-8")
    staging = version.replace("v1.", "v0.")
    assert f"k8s.io/kubernetes {version}" in text
    assert f"k8s.io/api => k8s.io/api {staging}" in text
    assert (folder / "go.sum").is_file()
    assert {path.name for path in (folder / "node").iterdir()} == {"main.go", "runtime.go", "exec.go"}


def test_the_commit_follows_from_the_version() -> None:
    assert binaries.commit_of("v1.36.1") == binaries.commit_of("v1.36.1") != binaries.commit_of("v1.30.4")
