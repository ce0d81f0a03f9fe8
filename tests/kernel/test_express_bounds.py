"""The compiled code reads and writes nothing beyond its bounds: a C program plays with it, watched by sanitizers.

`KWHO_FUZZ="SEED ROUNDS"` plays another game, or a longer one.
"""

import os
import subprocess
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from kwho.kernel.express import SOURCE
from kwho.sample import generate

GAME: Final = os.environ.get("KWHO_FUZZ", "7 1500").split()
PROGRAM: Final = Path(__file__).with_name("express_fuzz.c")
FLAGS: Final = ("-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
VERSIONED: Final = (
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata",'
    '"auditID":"7f1d101c-fc49-434b-a239-646edda33632","stage":"ResponseComplete","requestURI":"/api/v1/nodes/n%d",'
    '"verb":"update","user":{"username":"alice"},"userAgent":"kubectl","objectRef":{"resource":"nodes","name":"n",'
    '"resourceVersion":"%d"},"requestReceivedTimestamp":"%s.018751Z","stageTimestamp":"%s.019692Z","annotations":{}}\n'
)
SECONDS: Final = (
    "2026-03-17T06:18:00",
    "2026-03-17T24:00:00",
    "2016-02-29T23:59:59",
    "2017-02-29T00:00:00",
    "2013-12-31T23:59:59",
    "2014-01-01T00:00:00",
    "2099-12-31T23:59:59",
    "2100-01-01T00:00:00",
    "2026-00-10T00:00:00",
    "2026-04-31T00:00:00",
)


def compile_watched(compiler: list[str], source: Path, program: Path) -> subprocess.CompletedProcess[str]:
    command = [*compiler, *FLAGS, f"-I{SOURCE.parent}", str(source), "-o", str(program)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def program(compiler: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playing program, compiled with the code that it includes."""
    folder = tmp_path_factory.mktemp("fuzz")
    nothing = folder / "nothing.c"
    nothing.write_text("int main(void) { return 0; }\n")
    if compile_watched(compiler, nothing, folder / "nothing").returncode and not os.environ.get("CI"):
        pytest.skip("the compiler has no sanitizers")
    done = compile_watched(compiler, PROGRAM, folder / "fuzz")
    assert done.returncode == 0, done.stderr
    return folder / "fuzz"


def corpus() -> list[bytes]:
    """Lines of a generated log, with versions, of odd years, and damaged ones."""
    lines = list(islice(generate(7), 0, 6_000, 10))
    lines += [(VERSIONED % (number % 30, number, *SECONDS[:1] * 2)).encode() for number in range(60)]
    lines += [line for line in islice(generate(7), 0, 6_000) if b'Object":{' in line][:200]
    lines += [(VERSIONED % (1, 1, second, second)).encode() for second in SECONDS]
    return [*lines, b"\n", b"{}\n", b"\x00" * 300 + b"\n", lines[0][:-1] + b"\r\n"]


def test_nothing_is_read_or_written_out_of_bounds_and_every_line_is_accounted_for(
    program: Path, tmp_path: Path
) -> None:
    log = tmp_path / "corpus"
    log.write_bytes(b"".join(corpus()))
    done = subprocess.run([program, log, *GAME], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout.split()[0]) > int(GAME[1])
