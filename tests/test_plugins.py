"""Files of the package, of the user, and of the cache."""

import os
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from kwho import plugins
from kwho.plugins import load_cached, read_folder, read_pack, read_table, save_cached


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_every_rule_file_of_the_package_is_read_and_no_table() -> None:
    found = {source.path for source in read_pack()}

    def files(folder: Path) -> Iterator[str]:
        yield from (str(path.relative_to(folder)) for path in folder.rglob("*.yaml") if "tables" not in path.parts)

    with resources.as_file(resources.files("kwho") / "content") as content:
        assert found == set(files(content))
    assert not any(source.reason for source in read_pack())
    assert "T1611" in read_table("attack")


def test_a_shipped_pack_is_taken_only_for_the_sources_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    own, other = b"a" * plugins.FINGERPRINT, b"b" * plugins.FINGERPRINT
    assert plugins.load_compiled(own) is None
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "pack.msgpack").write_bytes(own + b"rules")
    assert plugins.load_compiled(own) == b"rules"
    assert plugins.load_compiled(other) is None


def test_a_folder_is_read_recursively_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z.yaml", "b/a.YML", "notes.md", "a.yml"):
        (tmp_path / name).write_text(name)
    assert [source.text for source in read_folder(tmp_path)] == ["a.yml", "z.yaml", "b/a.YML"]
    assert [source.text for source in read_folder(tmp_path / "notes.md")] == ["notes.md"]


def test_what_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "c.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "d.yaml").write_text("x" * 11)
    os.mkfifo(tmp_path / "e.yaml")
    monkeypatch.setattr(plugins, "LONGEST_FILE", 10)
    reasons = {Path(source.path).name: source.reason for source in read_folder(tmp_path)}
    assert reasons == {
        "a.yaml": "not UTF-8 at byte 0",
        "c.yaml": "not a regular file",
        "d.yaml": "more than 10 bytes",
        "e.yaml": "not a regular file",
    }


def test_a_file_that_fails_on_reading_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("a")

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert read_folder(tmp_path)[0].reason == "cannot be read: Permission denied"


def test_the_number_of_files_is_bounded_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"{number}.yaml").write_text("")
    monkeypatch.setattr(plugins, "MOST_FILES", 3)
    assert [source.reason for source in read_folder(tmp_path)] == [
        "",
        "",
        "",
        "more than 3 files; the rest is not read",
    ]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbftitle: a")
    assert read_folder(tmp_path)[0].text == "title: a"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_the_cache_keeps_what_it_was_given_for_this_user_alone(tmp_path: Path) -> None:
    assert load_cached("k") is None
    save_cached("k", b"data")
    assert load_cached("k") == b"data"
    assert (tmp_path / "cache" / "kwho").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "cache" / "kwho").iterdir()] == ["rules-k.msgpack"]


def test_a_cache_of_another_user_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    save_cached("k", b"data")
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    assert load_cached("k") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    save_cached("k", b"data")
    assert load_cached("k") is None


def test_a_file_that_cannot_take_its_place_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", refuse)
    save_cached("k", b"data")
    assert list((tmp_path / "cache" / "kwho").iterdir()) == []


def test_the_cache_holds_few_sets(tmp_path: Path) -> None:
    for number in range(plugins.MOST_CACHED + 3):
        save_cached(str(number), b"")
    assert len(list((tmp_path / "cache" / "kwho").iterdir())) == plugins.MOST_CACHED


def test_the_cache_stands_where_the_platform_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert plugins._cache_folder() == tmp_path / ".cache" / "kwho"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert plugins._cache_folder() == tmp_path / "Library" / "Caches" / "kwho"


def test_the_stamp_of_the_code_names_its_files() -> None:
    assert "sigma.py:" in plugins.code_stamp()


def test_a_name_that_is_no_text_can_be_told_and_kept(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.yaml"
    with open(path, "wb") as file:
        file.write(b"title: x")
    (source,) = read_folder(tmp_path)
    assert source.path.endswith("/\\xff.yaml")
    source.path.encode()


def test_who_has_no_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", _homeless)
    save_cached("key", b"x")
    assert load_cached("key") is None


def _homeless() -> Path:
    raise RuntimeError("Could not determine home directory.")
