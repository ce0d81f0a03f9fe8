"""Compiles what a wheel of kwho ships compiled: the rule pack and the walk over lines. Used by hatchling.

The pack saves the first scan from parsing it. Where kwho's own dependencies are missing, as in the separate environment
of `pip install .`, the wheel goes without, and the first scan compiles the pack into the cache of the user.

The walk over lines is C without Python in it (`src/kwho/kernel/express.c`): a wheel that holds it is for one platform
and all versions of Python. Where no compiler is, the wheel goes without and is for all platforms: kwho then does the
same in Python, and takes longer. `./check wheel` makes sure that a release has both.

`python hatch_build.py` compiles the walk beside its source, as an editable install does.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

SOURCE = Path("src", "kwho", "kernel", "express.c")
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-Wl,-x" if sys.platform == "darwin" else "-s")


class Compiled(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter says nothing here
    """Adds `kwho/content/pack.msgpack` and `kwho/kernel/_express-….so` to the wheel."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile both; an editable install gets the walk beside its source, and no pack, since its rules change."""
        source = Path(self.root) / SOURCE
        if version == "editable":
            self._compile(source, source.parent)
            return
        self._folder = tempfile.TemporaryDirectory()
        folder, include = Path(self._folder.name), build_data["force_include"]
        if (pack := self._pack()) is not None:
            (folder / "pack.msgpack").write_bytes(pack)
            include[str(folder / "pack.msgpack")] = "kwho/content/pack.msgpack"
        if (library := self._compile(source, folder)) is not None:
            include[str(library)] = f"kwho/kernel/{library.name}"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatchling's
        """Remove what `initialize` wrote."""
        if self._folder is not None:
            self._folder.cleanup()

    def _pack(self) -> bytes | None:
        """The rules of this checkout, compiled."""
        sys.path.insert(0, str(Path(self.root) / "src"))
        try:
            from kwho.detect.pack import compile_pack  # noqa: PLC0415  found only now
        except ImportError as missing:
            self.app.display_warning(f"the rule pack is not compiled into this wheel: {missing}")
            return None
        return compile_pack()

    def _compile(self, source: Path, folder: Path) -> Path | None:
        """The walk, compiled into a folder."""
        try:
            return compile_library(source, folder)
        except (OSError, ValueError, subprocess.CalledProcessError) as failure:
            told = getattr(failure, "stderr", None) or failure
            self.app.display_warning(f"kwho goes without compiled code and will be slower: {told}")
            return None


def compile_library(source: Path, folder: Path) -> Path:
    """Compile C into a folder, in place of what was compiled there before; the name tells of which source it is.

    So code that was compiled from another source is never found, and need not be told apart. Nothing in the library
    depends on where it was made. Raises OSError without a compiler or without a library in the end, ValueError when CC
    or what it says is no text, CalledProcessError when it fails.
    """
    for old in folder.glob(f"_{source.stem}-*.so"):
        old.unlink()
    sources = sorted(source.parent.glob(f"{source.stem}*.[ch]"))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    library = folder / f"_{source.stem}-{state}.so"
    made = folder / f"_{source.stem}-new.so"
    command = [*compiler(), *FLAGS, source.name, "-o", str(made)]
    subprocess.run(command, cwd=source.parent, check=True, capture_output=True, text=True)  # noqa: S603  as CC says
    return made.replace(library)


def compiler() -> list[str]:
    """The C compiler: what `CC` names, else that of this Python, else `cc`."""
    if named := os.environ.get("CC"):
        return shlex.split(named)
    usual = shlex.split(sysconfig.get_config_var("CC") or "cc")
    return usual if shutil.which(usual[0]) else ["cc"]


def _platform() -> str:
    """This platform as wheels name it, without a claim about the C libraries of others."""
    return next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))


if __name__ == "__main__":
    root = Path(__file__).parent
    sys.stdout.write(f"{compile_library(root / SOURCE, (root / SOURCE).parent).relative_to(root)}\n")
