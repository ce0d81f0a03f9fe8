"""The site file and what it names, read from disk: address lists, files that tell where addresses are, time zones."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from kwho.detect.site import Fetched, Reading, read_site
from kwho.engine.clocks import clock_of
from kwho.engine.geoip import open_places
from kwho.schema.site import GeoIP, Site

LONGEST: Final = 64 * 1024 * 1024
"""Bytes of one file that a site names; the site file itself has at most 2,000,000 characters."""


def load_site(path: Path) -> Reading:
    """What a site file says; files that it names are found beside it.

    Raises OSError when the site file cannot be read, MissingExtraError when it names files of places and what reads
    them is not installed. All else that is wrong stands in the complaints.
    """
    folder = path.resolve().parent
    try:
        text = _text(path)
    except ValueError as error:
        return Reading(Site(), complaints=(f"{path}: {error}",))
    reading = read_site(str(path), text, lambda name: _fetch(folder / name), clock_of)
    geoip = reading.site.geoip
    found = msgspec.structs.replace(
        geoip,
        country=None if geoip.country is None else str(folder / geoip.country),
        asn=None if geoip.asn is None else str(folder / geoip.asn),
    )
    site = msgspec.structs.replace(reading.site, geoip=found)
    return reading._replace(site=site, complaints=(*reading.complaints, *_unopened(path, found)))


def _unopened(path: Path, geoip: GeoIP) -> list[str]:
    """What is wrong with the files of places; they are opened once before any reading."""
    complaints = []
    for file in (geoip.country, geoip.asn):
        try:
            reader = open_places(file)
        except (OSError, ValueError) as error:
            complaints.append(f"{path}: geoip: {file}: {getattr(error, 'strerror', None) or error}")
            continue
        if reader is not None:
            reader.close()
    return complaints


def _fetch(path: Path) -> Fetched:
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Fetched(_text(path), changed.date().isoformat())


def _text(path: Path) -> str:
    if not path.is_file():
        raise ValueError("not a regular file") if path.exists() else FileNotFoundError(2, "No such file", str(path))
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise ValueError(f"more than {LONGEST:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
