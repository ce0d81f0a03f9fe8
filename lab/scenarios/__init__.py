"""The scenarios: one file adds one. A file holds SCENARIO; its name is the name of the file, with dashes."""

from __future__ import annotations

import importlib
import pkgutil

from lab.story import Scenario


def every() -> list[Scenario]:
    """All scenarios in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").SCENARIO for name in names]
