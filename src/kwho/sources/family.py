"""File names of rotated logs: which belong together, and which is older. Names only; no clock, no file is opened.

Known: lumberjack as in kube-apiserver (`audit-2026-11-21T02-57-38.090.log`), logrotate (`audit.log.1`,
`audit.log-20261121`, `audit-20261121.log`), kubelet (`0.log.20261121-025738`), each with or without `.gz`, `.zst`.
"""

import os
import re
from typing import Final

_COMPRESSED: Final = re.compile(r"(?<=.)\.(gz|gzip|zst|zstd)\Z", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?P<name>.*\.[A-Za-z][A-Za-z0-9]*)\.(?P<number>\d{1,4})\Z", re.ASCII | re.DOTALL)
_DATED: Final = re.compile(
    r"(?P<stem>.*[^-.])[-.](?P<date>\d{4}-\d\d-\d\d|\d{8})"
    r"(?P<clock>[-T_]?\d\d[-:.]?\d\d(?:[-:.]?\d\d)?(?:\.\d{1,9})?Z?|[-.]\d{1,3})?"
    r"(?P<end>\.[A-Za-z][A-Za-z0-9]*)?\Z",
    re.ASCII | re.DOTALL,
)
_NAME_CAP: Final = 512  # longer names are taken as they are


def family(name: str) -> str:
    """The name of the live log that a rotated file name belongs to; a name that is not rotated is its own family."""
    return _split(name)[0]


def family_of(path: str) -> str:
    """The path of the live log that a file at this path belongs to."""
    folder, name = os.path.split(path)
    return os.path.join(folder, family(name))


def seniority(name: str) -> tuple[str, int, int | str, str]:
    """Sort key: families by name; in one, dated files in order, then numbered ones downwards, then the live log."""
    own, rank, age = _split(name)
    return own, rank, age, name


def _split(name: str) -> tuple[str, int, int | str]:
    if len(name) > _NAME_CAP:
        return name, 2, 0
    bare = _COMPRESSED.sub("", name)
    if numbered := _NUMBERED.match(bare):
        return numbered["name"], 1, -int(numbered["number"])
    if dated := _DATED.match(bare):
        moment = re.sub(r"\D", "", dated["date"] + (dated["clock"] or ""))
        return dated["stem"] + (dated["end"] or ""), 0, moment
    return bare, 2, 0
