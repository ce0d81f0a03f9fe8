"""Installs kwho without extras into a fresh environment and measures it: `python bench/size.py [WHEEL]`."""

import argparse
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLUMBING = ("pip", "setuptools", "pkg_resources", "wheel", "_distutils_hack", "distutils-precedence.pth")
"""What a fresh environment holds already."""


def main() -> None:
    """Install and print the size of every package as Markdown, the largest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default=str(ROOT), help="a wheel, or a folder to build from (this project)")
    what = parser.parse_args().what
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        began = time.perf_counter()
        install = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--no-cache-dir", what]
        subprocess.run(install, check=True)
        seconds = time.perf_counter() - began
        (site,) = Path(folder, "lib").glob("python*/site-packages")
        sizes = {entry.name: size(entry) for entry in site.iterdir() if not entry.name.startswith(PLUMBING)}
    sys.stdout.write(f"installed in {seconds:.1f} s, download included\n\n| package | MB |\n|---|---|\n")
    for name, amount in sorted(sizes.items(), key=lambda pair: -pair[1]):
        if amount >= 100_000:
            sys.stdout.write(f"| {name} | {amount / 1e6:.1f} |\n")
    sys.stdout.write(f"| **all** | {sum(sizes.values()) / 1e6:.1f} |\n")


def size(entry: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = entry.rglob("*") if entry.is_dir() else [entry]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    main()
