"""A site file on disk, with its lists and its files of places."""

import os
from pathlib import Path

import pytest

from kwho.engine import geoip
from kwho.engine import site as module
from kwho.engine.site import load_site
from kwho.errors import MissingExtraError
from kwho.schema.site import Listing


def write(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text)
    return path


def test_lists_stand_beside_the_site_file_and_are_as_old_as_their_file(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    feed = tmp_path / "feeds" / "exits.txt"
    feed.write_text("198.51.100.7\n")
    os.utime(feed, (1_767_607_200, 1_767_607_200))
    reading = load_site(write(tmp_path, "lists: {exits: {kind: tor, file: feeds/exits.txt}}"))
    assert reading.complaints == ()
    assert reading.site.lists == {"exits": Listing("tor", "2026-01-05", ("198.51.100.7",))}


def test_what_is_missing_or_no_text_is_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    reading = load_site(write(tmp_path, "lists:\n  a: {file: gone}\n  b: {file: binary}\n  c: {file: .}\n"))
    assert [text.partition("site.yaml:")[2] for text in reading.complaints] == [
        "2: gone: No such file or directory",
        "3: binary: not UTF-8 at byte 0",
        "4: .: not a regular file",
    ]


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 100)
    (tmp_path / "long").write_text("10.0.0.1\n" * 20)
    (complaint,) = load_site(write(tmp_path, "lists: {a: {file: long}}")).complaints
    assert "long: more than 100 bytes" in complaint
    (complaint,) = load_site(write(tmp_path, "# " + "x" * 200)).complaints
    assert "more than 100 bytes" in complaint


def test_a_site_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        load_site(tmp_path / "site.yaml")


def test_a_missing_extra_names_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoip, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install maxminddb"):
        load_site(write(tmp_path, "geoip: {asn: a.mmdb}"))
    assert load_site(write(tmp_path, "geoip: {places: {10.0.0.0/8: {asn: 1}}}")).complaints == ()
