"""The site file and what it names, read from disk: address lists, and files that tell where addresses are."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kwho.detect.site import Fetched, Reading, read_site
from kwho.errors import MissingExtraError
from kwho.schema.site import GeoIP, Place, Site
from kwho.views.site import Locate, Surroundings

if TYPE_CHECKING:
    from maxminddb import Reader

LONGEST: Final = 64 * 1024 * 1024
"""Bytes of one file that a site names; the site file itself has at most 2,000,000 characters."""

_NEEDED: Final = "geoip: files need maxminddb: pip install 'kwho[geoip]'"


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
    reading = read_site(str(path), text, lambda name: _fetch(folder / name))
    geoip = reading.site.geoip
    found = msgspec.structs.replace(
        geoip,
        country=None if geoip.country is None else str(folder / geoip.country),
        asn=None if geoip.asn is None else str(folder / geoip.asn),
    )
    site = msgspec.structs.replace(reading.site, geoip=found)
    return reading._replace(site=site, complaints=(*reading.complaints, *_unopened(path, found)))


def locator(site: Site) -> Locate | None:
    """What tells where addresses are, by the files of the site; None when it names no files.

    Raises MissingExtraError, and OSError or ValueError for a file that is none of its kind.
    """
    geoip = site.geoip
    if geoip.country is None and geoip.asn is None:
        return None
    country, asn = _reader(geoip.country), _reader(geoip.asn)
    return lambda address: Place(_ask(country, address, country_of), _ask(asn, address, asn_of))


def surroundings(site: Site | None) -> Surroundings | None:
    """A site made ready for questions, with its files of places open; None without a site. Raises as `locator` does."""
    return None if site is None else Surroundings(site, locator(site))


def country_of(record: object) -> str | None:
    """The country code of a record of any of the usual databases."""
    if not isinstance(record, dict):
        return None
    country = record.get("country", record.get("country_code"))
    code = country.get("iso_code") if isinstance(country, dict) else country
    return code if isinstance(code, str) and len(code) == 2 else None


def asn_of(record: object) -> int | None:
    """The number of the autonomous system of a record of any of the usual databases."""
    if not isinstance(record, dict):
        return None
    number = record.get("autonomous_system_number", record.get("asn"))
    digits = str(number).removeprefix("AS")
    return int(digits) if digits.isdecimal() and len(digits) <= 10 else None


def _unopened(path: Path, geoip: GeoIP) -> list[str]:
    """What is wrong with the files of places; they are opened once before any reading."""
    complaints = []
    for file in (geoip.country, geoip.asn):
        try:
            reader = _reader(file)
        except (OSError, ValueError) as error:
            complaints.append(f"{path}: geoip: {file}: {getattr(error, 'strerror', None) or error}")
            continue
        if reader is not None:
            reader.close()
    return complaints


def _reader(path: str | None) -> "Reader | None":
    if path is None:
        return None
    if find_spec("maxminddb") is None:
        raise MissingExtraError(_NEEDED)
    import maxminddb  # noqa: PLC0415  an extra, loaded by those who use it

    try:
        return maxminddb.open_database(path)
    except maxminddb.InvalidDatabaseError as error:
        raise ValueError(str(error)) from None


def _ask(reader: "Reader | None", address: str, read: Callable[[Any], Any]) -> Any:
    """What a file tells of an address; a damaged file, or one for IPv4 alone, tells nothing."""
    if reader is None:
        return None
    import maxminddb  # noqa: PLC0415  an extra, loaded by those who use it

    try:
        return read(reader.get(address))
    except (ValueError, maxminddb.InvalidDatabaseError):
        return None


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
