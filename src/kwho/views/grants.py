"""What a role allows, flattened so that one text holds verb, group, resource and name of one permission."""

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Final, NamedTuple

from kwho.views import Look
from kwho.views.body import Concern, Json, concerns, mappings, texts, written_object

MAX_PER_RULE: Final = 4_096
"""Permissions that one rule of a role is flattened to."""
MAX_PER_ROLE: Final = 65_536
"""Permissions that one role is flattened to."""

_ROLES: Final = Concern(
    resources=frozenset({"roles", "clusterroles"}),
    groups=frozenset({"rbac.authorization.k8s.io", "authorization.openshift.io"}),
    kinds=frozenset({"Role", "ClusterRole"}),
)


class Grants(NamedTuple):
    """The permissions of a role; `capped` when there are more than are listed."""

    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    capped: bool = False


def grants(look: Look) -> Grants:
    """Every permission of the written role, within `MAX_PER_RULE` and `MAX_PER_ROLE`; wildcards are listed first."""
    if not concerns(look, _ROLES):
        return Grants()
    rules = list(mappings(look.see(written_object).get("rules")))
    verbs = tuple(dict.fromkeys(verb for rule in rules for verb in texts(rule.get("verbs"))))
    resources, resources_capped = _collect(_on_resources(rule) for rule in rules)
    paths, paths_capped = _collect(_on_paths(rule) for rule in rules)
    return Grants(resources, paths, verbs, resources_capped or paths_capped)


def _on_resources(rule: dict[str, Json]) -> Iterator[str]:
    groups = [group or "core" for group in _names(rule, "apiGroups")]
    bounds = [f"[{name}]" for name in _names(rule, "resourceNames")] or [""]
    for verb, group, resource, bound in product(_names(rule, "verbs"), groups, _names(rule, "resources"), bounds):
        yield f"{verb}:{group}/{resource}{bound}"


def _on_paths(rule: dict[str, Json]) -> Iterator[str]:
    for verb, path in product(_names(rule, "verbs"), _names(rule, "nonResourceURLs")):
        yield f"{verb}:{path}"


def _collect(permissions: Iterable[Iterator[str]]) -> tuple[tuple[str, ...], bool]:
    found: dict[str, None] = {}
    capped = False
    for rule in permissions:
        found.update(dict.fromkeys(islice(rule, MAX_PER_RULE)))
        capped = capped or next(rule, None) is not None
        if len(found) > MAX_PER_ROLE:
            return tuple(islice(found, MAX_PER_ROLE)), True
    return tuple(found), capped


def _names(rule: dict[str, Json], key: str) -> list[str]:
    """The distinct strings of a list, a wildcard first, so that no cap can hide it."""
    return sorted(dict.fromkeys(texts(rule.get(key))), key=lambda name: name != "*")
