"""Checks what a wheel of kwho holds: the package, its content, what is compiled, and nothing of the workshop."""

import sys
import zipfile
from fnmatch import fnmatch

NEEDED = (
    "kwho/__main__.py",
    "kwho/py.typed",
    "kwho/content/pack.msgpack",
    "kwho/kernel/_express-*.so",
    "kwho/content/rules/*/*.yaml",
    "kwho/content/correlations/*.yaml",
    "kwho/content/tables/*.yaml",
    "kwho-*.dist-info/licenses/LICENSE",
    "kwho-*.dist-info/entry_points.txt",
)
ALLOWED = ("kwho/*", "kwho-*.dist-info/*")
FOREIGN = ("*__pycache__*", "*.pyc", "*/tests/*", "*/lab/*", "*/bench/*")


def main(path: str) -> int:
    """Print what is wrong with the wheel at `path`; 1 when something is."""
    names = zipfile.ZipFile(path).namelist()
    missing = [pattern for pattern in NEEDED if not any(fnmatch(name, pattern) for name in names)]
    foreign = [name for name in names if not _fits(name, ALLOWED) or _fits(name, FOREIGN)]
    for pattern in missing:
        sys.stderr.write(f"{path}: holds nothing like {pattern}\n")
    for name in foreign:
        sys.stderr.write(f"{path}: should not hold {name}\n")
    sys.stdout.write(f"{len(names)} files in the wheel\n")
    return 1 if missing or foreign else 0


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
