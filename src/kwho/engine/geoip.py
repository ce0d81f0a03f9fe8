"""Files that tell where addresses are, in the MaxMind format; they need the extra `kwho[geoip]`."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kwho.errors import MissingExtraError
from kwho.schema.site import Place, Site
from kwho.views.site import Locate, Surroundings

if TYPE_CHECKING:
    from maxminddb import Reader

_NEEDED: Final = "geoip: files need maxminddb: pip install maxminddb"


def surroundings(site: Site | None) -> Surroundings | None:
    """A site made ready for questions, with its files of places open; None without a site. Raises as `locator` does."""
    return None if site is None else Surroundings(site, locator(site))


def locator(site: Site) -> Locate | None:
    """What tells where addresses are, by the files of the site; None when it names no files.

    Raises MissingExtraError, and OSError or ValueError for a file that is none of its kind.
    """
    geoip = site.geoip
    if geoip.country is None and geoip.asn is None:
        return None
    country, asn = open_places(geoip.country), open_places(geoip.asn)
    return lambda address: Place(_ask(country, address, country_of), _ask(asn, address, asn_of))


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


def open_places(path: str | None) -> "Reader | None":
    """A file of places, open; None without one. Raises as `locator` does."""
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
