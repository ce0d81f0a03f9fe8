import bz2
import gzip
import io
import lzma
import os
import socket
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from kwho.sources.input import Input, Unreadable
from kwho.sources.walk import discover


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, data: bytes = b"{}\n") -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)
    return path


def found(*paths: str) -> list[str]:
    return [each.path for each in discover(paths) if isinstance(each, Input)]


def described(*paths: str) -> list[Input]:
    """The inputs found, their identities checked and taken off."""
    inputs = [each for each in discover(paths) if isinstance(each, Input)]
    for each in inputs:
        assert each.identity == (os.stat(each.path).st_dev, os.stat(each.path).st_ino)
    return [msgspec.structs.replace(each, identity=None) for each in inputs]


def refused(*paths: str) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in discover(paths) if isinstance(each, Unreadable)]


def test_a_file_is_described_by_its_bytes_not_by_its_name(tree: Path) -> None:
    packed = gzip.compress(b"{}\n")
    write("logs/audit.log.1", packed)
    write("logs/audit.log.gz", b"{}\n")
    assert described("logs/audit.log.1", "logs/audit.log.gz") == [
        Input("logs/audit.log.1", "logs/audit.log", len(packed), "gzip"),
        Input("logs/audit.log.gz", "logs/audit.log", 3, None),
    ]


def test_a_directory_is_walked_in_name_order_with_hidden_files_and_old_logs_first(tree: Path) -> None:
    for name in ("d/b/audit.log", "d/b/audit.log.1", "d/b/audit.log.2.gz", "d/.hidden/x", "d/a.json", "d/.dot"):
        write(name)
    assert found("d") == ["d/.dot", "d/.hidden/x", "d/a.json", "d/b/audit.log.2.gz", "d/b/audit.log.1", "d/b/audit.log"]


def test_each_regular_file_comes_once_whatever_leads_to_it(tree: Path) -> None:
    write("d/one.log")
    os.link("d/one.log", "d/two.log")
    os.symlink("one.log", "d/three.log")
    os.symlink("d", "same")
    assert found("d/one.log", "d", "same", "d/*.log", "./d/one.log", "d/one.log") == ["d/one.log"]


def test_loops_of_links_end(tree: Path) -> None:
    write("d/e/one.log")
    os.symlink("..", "d/e/up")
    os.symlink("../../d", "d/e/around")
    os.symlink("self", "d/self")
    assert found("d", "d/**/*.log", "**") == ["d/e/one.log"]
    assert refused("d") == [("d/self", "too many levels of symbolic links")]


def test_a_symbolic_link_is_followed_and_one_to_nothing_is_named(tree: Path) -> None:
    write("elsewhere/one.log")
    Path("d").mkdir()
    os.symlink("../elsewhere", "d/link")
    os.symlink("gone", "d/nothing")
    assert found("d") == ["d/link/one.log"]
    assert refused("d") == [("d/nothing", "symbolic link to nothing")]


def test_what_does_not_exist_is_named(tree: Path) -> None:
    assert refused("gone.log", "gone*.log", "", "nul\0.log") == [
        ("gone.log", "no such file or directory"),
        ("gone*.log", "nothing matches this pattern"),
        ("", "no such file or directory"),
        ("nul\0.log", "not a possible path"),
    ]
    assert refused("x" * 5000) == [("x" * 5000, "file name too long")]


def test_patterns_are_tried_where_no_file_has_that_name(tree: Path) -> None:
    for name in ("d/a.log", "d/b.log", "d/c.json", "d/e/f/g.log", "d/e/.h.log"):
        write(name)
    assert found("d/*.log") == ["d/a.log", "d/b.log"]
    assert found("?/[ab].log") == ["d/a.log", "d/b.log"]
    assert found("d/**/*.log") == ["d/a.log", "d/b.log", "d/e/.h.log", "d/e/f/g.log"]
    assert found("**/g.log") == ["d/e/f/g.log"]
    assert found("*/e/f/g.log") == ["d/e/f/g.log"]
    assert found(f"{tree}/d/[!ab].json") == [f"{tree}/d/c.json"]
    assert found("d/e*") == ["d/e/.h.log", "d/e/f/g.log"]
    write("d/[ab].log")
    assert found("d/[ab].log") == ["d/[ab].log"]


def test_a_name_that_is_not_utf8_is_found(tree: Path) -> None:
    name = os.fsdecode(b"d/caf\xe9.log")
    write(name)
    assert found("d") == [name]


def test_pipes_and_sockets_count_only_when_they_are_named(tree: Path) -> None:
    write("d/one.log")
    os.mkfifo("d/pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("d/socket")
        assert [each.path for each in discover(["d", "d/*"])] == ["d/one.log"]
        assert list(discover(["d/pipe", "d/socket", "d/pipe"])) == [
            Input("d/pipe"),
            Unreadable("d/socket", "is a socket"),
        ]
    assert list(discover([os.devnull])) == [Input(os.devnull)]


def test_stdin_comes_once(tree: Path) -> None:
    assert list(discover(["-", "-"])) == [Input("-")]


def tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("audit.log"), io.BytesIO())
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (bz2.compress(b"{}\n"), "bzip2"),
        (lzma.compress(b"{}\n"), "xz"),
        (b"PK\x03\x04 and more", "zip"),
        (b"7z\xbc\xaf\x27\x1c and more", "7z"),
        (tar(), "tar"),
        (gzip.compress(tar(), mtime=0), "tar"),
    ],
)
def test_archives_of_other_kinds_are_named(tree: Path, data: bytes, name: str) -> None:
    write("d/audit.log", data)
    assert refused("d") == [("d/audit.log", f"{name} is not read; unpack it first")]


def test_a_client_cannot_make_a_log_look_like_an_archive(tree: Path) -> None:
    for agent in (b"ustar" * 80, b"xustar" * 80, b"0" * 200 + b"ustar" * 50):
        for shift in range(6):
            write("audit.log", b'{"userAgent":"' + b"x" * shift + agent + b'"}\n')
            assert found("audit.log") == ["audit.log"]


def test_a_pattern_does_not_look_below_files(tree: Path) -> None:
    write("d/one.log")
    assert refused("d/one.log/*", "d/one.log/**/*") == [
        ("d/one.log/*", "nothing matches this pattern"),
        ("d/one.log/**/*", "nothing matches this pattern"),
    ]


def test_utf16_is_not_cut(tree: Path) -> None:
    write("audit.log", '{"kind":"Event"}\n'.encode("utf-16"))
    assert described("audit.log") == [Input("audit.log", "audit.log", 36, None, whole=True)]


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may read everything, so root steps down for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_what_may_not_be_read_is_named(tree: Path) -> None:
    write("d/shut/one.log")
    write("d/two.log")
    tree.chmod(0o755)
    Path("d/shut").chmod(0)
    Path("d/two.log").chmod(0)
    with ordinary_user():
        inside, below, by_pattern = found("d"), refused("d"), refused("d/shut/*")
    Path("d/shut").chmod(0o700)
    assert inside == []
    assert below == [("d/shut", "permission denied"), ("d/two.log", "permission denied")]
    assert by_pattern == [("d/shut", "permission denied")]


def test_what_vanishes_or_fails_in_between_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("d/e/one.log")

    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert refused("d") == [("d", "permission denied")]
    assert refused("d/*") == [("d", "permission denied")]
    assert refused("**/x") == [("", "permission denied")]


def test_depth_is_no_limit(tree: Path) -> None:
    depth = 1200
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    write("one.log")
    os.chdir(tree)
    try:
        assert found("d") == ["d/" * depth + "one.log"]
    finally:
        os.chdir("d/" * depth)
        Path("one.log").unlink()
        for _ in range(depth):  # deeper than the clean-up of temporary folders can go
            os.chdir("..")
            Path("d").rmdir()
