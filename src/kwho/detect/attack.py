"""MITRE ATT&CK by our own table (`content/tables/attack.yaml`): names of techniques and tactics, nothing downloaded."""

from collections.abc import Iterable
from functools import lru_cache

import yaml

from kwho import plugins


@lru_cache(maxsize=1)
def attack_table() -> tuple[dict[str, str], dict[str, str]]:
    """Names of techniques by id (`T1611`) and of tactics by slug (`privilege-escalation`), from our own table."""
    table = yaml.load(plugins.read_table("attack"), Loader=yaml.CSafeLoader)
    return table["techniques"], {slug: entry["name"] for slug, entry in table["tactics"].items()}


def attack_names(tags: Iterable[str]) -> dict[str, str]:
    """The names of the techniques and tactics that tags such as `attack.t1611` stand for; unknown tags are left out."""
    techniques, tactics = attack_table()
    named = {tag: tag.removeprefix("attack.") for tag in tags if tag.startswith("attack.")}
    found = {tag: techniques.get(name.upper()) or tactics.get(name.replace("_", "-")) for tag, name in named.items()}
    return {tag: name for tag, name in found.items() if name}
