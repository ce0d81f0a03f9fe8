"""What is compiled when kwho is installed, and that nothing fails where it cannot be."""

import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kwho.kernel.express import SOURCE

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the source where the build looks for it, and nothing else."""
    kernel = tmp_path / "src" / "kwho" / "kernel"
    kernel.mkdir(parents=True)
    for source in SOURCE.parent.glob("express*.[ch]"):
        shutil.copy(source, kernel)
    return tmp_path


def hook(build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str]]:
    """The hook for a checkout, without a pack, and the warnings it will show."""
    made = build.Compiled(str(root), {}, None, None, str(root / "dist"), "wheel")
    warnings: list[str] = []
    monkeypatch.setattr(made.app, "display_warning", warnings.append)
    monkeypatch.setattr(made, "_pack", lambda: None)
    return made, warnings


def test_a_wheel_with_compiled_code_is_for_one_platform_and_every_python(
    compiler: list[str], build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, warnings = hook(build, checkout, monkeypatch)
    data: dict[str, Any] = {"force_include": {}}
    made.initialize("standard", data)
    ((path, name),) = data["force_include"].items()
    assert Path(path).name == Path(name).name
    assert name.startswith("kwho/kernel/_express-")
    assert data["tag"].startswith("py3-none-")
    assert data["tag"] != "py3-none-any"
    assert data["pure_python"] is False
    made.finalize("standard", data, "")
    assert (Path(path).exists(), warnings) == (False, [])
    left = {file.name for file in (checkout / "src" / "kwho" / "kernel").iterdir()}
    assert left == {source.name for source in SOURCE.parent.glob("express*.[ch]")}


def test_an_editable_install_has_the_code_beside_its_source_and_no_older_one(
    compiler: list[str], build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = checkout / build.SOURCE
    (source.parent / "_express-0123456789abcdef.so").touch()
    made, warnings = hook(build, checkout, monkeypatch)
    data: dict[str, Any] = {"force_include": {}}
    made.initialize("editable", data)
    made.finalize("editable", data, "")
    (library,) = source.parent.glob("*.so")
    assert (data, warnings) == ({"force_include": {}}, [])
    source.write_bytes(source.read_bytes() + b"\n")
    changed = build.compile_library(source, source.parent)
    assert (library.exists(), changed.exists()) == (False, True)


def test_the_library_is_the_same_wherever_it_is_made(
    compiler: list[str], build: ModuleType, checkout: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    one, other = build.compile_library(SOURCE, away), build.compile_library(checkout / build.SOURCE, checkout)
    assert (one.name, one.read_bytes()) == (other.name, other.read_bytes())
    assert str(tmp_path).encode() not in one.read_bytes()


@pytest.mark.parametrize("version", ["standard", "editable"])
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'express.c:1: no luck' >&2; exit 1", "express.c:1: no luck"),
        ("exit 0", "No such file"),
        (None, "No such file"),
        ('"', "No closing quotation"),
    ],
    ids=["fails", "makes nothing", "is not there", "is no command"],
)
def test_without_a_working_compiler_the_install_says_so_and_goes_on(
    script: str | None, told: str, version: str, build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_file = checkout / "compiler"
    if script is not None:
        script_file.write_text(f"#!/bin/sh\n{script}\n")
        script_file.chmod(stat.S_IRWXU)
    monkeypatch.setenv("CC", '"' if script == '"' else str(script_file))
    made, warnings = hook(build, checkout, monkeypatch)
    data: dict[str, Any] = {"force_include": {}}
    made.initialize(version, data)
    made.finalize(version, data, "")
    assert data == {"force_include": {}}
    (warning,) = warnings
    assert warning.startswith("kwho goes without compiled code and will be slower")
    assert told in warning


def test_the_compiler_is_the_one_that_is_named_else_that_of_python_else_the_usual_one(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "clang --target=x")
    assert build.compiler() == ["clang", "--target=x"]
    monkeypatch.setenv("CC", "")
    monkeypatch.setattr(build.sysconfig, "get_config_var", lambda name: f"{sys.executable} -pthread")
    assert build.compiler() == [sys.executable, "-pthread"]
    monkeypatch.setattr(build.sysconfig, "get_config_var", lambda name: "/nowhere/gcc -pthread")
    assert build.compiler() == ["cc"]


def test_a_wheel_is_refused_that_lacks_the_compiled_code(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kwho-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("kwho/kernel/express.c", "")
    check = [sys.executable, str(ROOT / "requirements" / "wheel.py"), str(tmp_path / "kwho-1-py3-none-any.whl")]
    found = subprocess.run(check, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "holds nothing like kwho/kernel/_express-*.so" in found.stderr
