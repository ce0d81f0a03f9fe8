"""The catalog of detections (`content/tables/catalog.yaml`): how many rows each family has, and which have no rule."""

from collections.abc import Iterator

import msgspec
import yaml

from kwho import plugins


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One letter of the catalog: what its rows are about, and how many there are."""

    title: str
    rows: int


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The families by letter, the rows that no rule implements, each with the reason, and what no audit log shows."""

    letters: dict[str, Family]
    missing: dict[str, str] = {}
    elsewhere: tuple[str, ...] = ()

    def families(self) -> Iterator[tuple[str, str]]:
        """Letter and title of each family, in order."""
        yield from ((letter, family.title) for letter, family in self.letters.items())

    def rows(self) -> Iterator[str]:
        """Every row: `A01` to the last of its family, and so on."""
        for letter, family in self.letters.items():
            yield from (f"{letter}{number:02d}" for number in range(1, family.rows + 1))


def read_catalog() -> Catalog:
    """The catalog that ships with kwho."""
    return msgspec.convert(yaml.load(plugins.read_table("catalog"), Loader=yaml.CSafeLoader), Catalog)
