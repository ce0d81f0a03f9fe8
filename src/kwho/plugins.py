"""The one place that opens files of the package, rule folders of the user, and the cache of compiled rules."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

LONGEST_FILE: Final = 2_000_000
"""Bytes of one rule file."""
MOST_FILES: Final = 20_000
"""Files of one rule folder."""
MOST_CACHED: Final = 8
"""Compiled rule sets kept in the cache."""

FINGERPRINT: Final = 20
"""Bytes in front of a compiled pack that tell which sources it was made of."""

_DIGEST: Final = 16
_SUFFIXES: Final = (".yaml", ".yml")


class Source(NamedTuple):
    """One file of rules: its text, or the reason why there is none."""

    path: str
    text: str
    reason: str = ""


def read_pack() -> tuple[Source, ...]:
    """The rule files that ship with kwho, in order of path; paths are relative to the package's content."""
    found = _walk(resources.files("kwho") / "content", "")
    return tuple(Source(path, item.read_text("utf-8")) for path, item in sorted(found, key=lambda pair: pair[0]))


def read_table(name: str) -> str:
    """The text of a table that ships with kwho (`content/tables/NAME.yaml`)."""
    return (resources.files("kwho") / "content" / "tables" / f"{name}.yaml").read_text("utf-8")


def load_compiled(fingerprint: bytes) -> bytes | None:
    """The compiled pack that a wheel ships, when it was made of the sources with this fingerprint."""
    try:
        kept = (resources.files("kwho") / "content" / "pack.msgpack").read_bytes()
    except OSError:
        return None
    return kept[FINGERPRINT:] if kept[:FINGERPRINT] == fingerprint else None


def read_folder(folder: Path) -> tuple[Source, ...]:
    """The rule files below a folder (or the one file), in order of path; what cannot be read has a reason.

    Links to folders are not followed. Raises FileNotFoundError when there is no such folder or file.
    """
    if not folder.exists():
        raise FileNotFoundError(f"{folder}: no such folder of rules")
    if not folder.is_dir():
        return (_read(folder),)
    sources: list[Source] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: sources.append(_unreadable(error))):
        folders.sort()
        paths = [Path(root, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES)]
        sources.extend(_read(path) for path in paths[: MOST_FILES - len(sources)])
        if len(sources) >= MOST_FILES:
            sources.append(Source(_named(folder), "", f"more than {MOST_FILES:,} files; the rest is not read"))
            break
    return tuple(sources)


def load_cached(key: str) -> bytes | None:
    """What `save_cached` kept under the key, unless it is gone, damaged, or belongs to another user."""
    folder = _cache_folder()
    if folder is None:
        return None
    path = folder / f"rules-{key}.msgpack"
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        kept = path.read_bytes()
    except OSError:
        return None
    digest, data = kept[:_DIGEST], kept[_DIGEST:]
    return data if digest == _digest(data) else None


def save_cached(key: str, data: bytes) -> None:
    """Keep `data` under the key for the next run, readable by this user alone; a cache that fails is no error."""
    folder = _cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".rules-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(data) + data)
            Path(name).replace(folder / f"rules-{key}.msgpack")
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(folder)


def code_stamp() -> str:
    """What changes when the code that compiles rules does: names, sizes and times of its files."""
    package = Path(__file__).parent
    files = [path for part in ("query", "detect", "fields") for path in sorted(package.glob(f"{part}/**/*.py"))]
    return ";".join(f"{path.name}:{(stat := path.stat()).st_size}:{stat.st_mtime_ns}" for path in files)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        path = f"{prefix}{item.name}"
        if item.is_dir():
            if path not in ("tables", "__pycache__"):
                yield from _walk(item, f"{path}/")
        elif item.name.endswith(_SUFFIXES):
            yield path, item


def _read(path: Path) -> Source:
    name = _named(path)
    try:
        if not path.is_file():
            return Source(name, "", "not a regular file")
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        return _unreadable(error, name)
    if len(data) > LONGEST_FILE:
        return Source(name, "", f"more than {LONGEST_FILE:,} bytes")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Source(name, "", f"not UTF-8 at byte {error.start}")


def _named(path: Path | str) -> str:
    """A path as text that can be written anywhere: bytes of a name that are no text stand as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _unreadable(error: OSError, path: str = "") -> Source:
    return Source(path or _named(error.filename or ""), "", f"cannot be read: {error.strerror or error}")


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _cache_folder() -> Path | None:
    """Where compiled rules are kept; None for a user without a home, as in many containers."""
    stated = Path(os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", ""))
    if stated.is_absolute() and sys.platform != "darwin":
        return stated / "kwho"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / "Library" / "Caches" / "kwho" if sys.platform == "darwin" else home / ".cache" / "kwho"


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("rules-*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST_CACHED:]:
        path.unlink(missing_ok=True)
