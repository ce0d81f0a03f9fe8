"""Ships the rule pack compiled, so that the first scan need not parse it. Used by hatchling when it builds a wheel.

Where kwho's own dependencies are missing, as in the separate environment of `pip install .`, the wheel goes without,
and the first scan compiles the pack into the cache of the user. `./check wheel` makes sure that a release has it.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledPack(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter says nothing here
    """Adds `kwho/content/pack.msgpack` to the wheel."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the pack of this checkout; an editable install compiles when it needs to, since its rules change."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        try:
            from kwho.detect.pack import compile_pack  # noqa: PLC0415  found only now

            pack = compile_pack()
        except ImportError as missing:
            self.app.display_warning(f"the rule pack is not compiled into this wheel: {missing}")
            return
        self._folder = tempfile.TemporaryDirectory()
        compiled = Path(self._folder.name) / "pack.msgpack"
        compiled.write_bytes(pack)
        build_data["force_include"][str(compiled)] = "kwho/content/pack.msgpack"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatchling's
        """Remove what `initialize` wrote."""
        if self._folder is not None:
            self._folder.cleanup()
