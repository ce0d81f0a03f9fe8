"""Roles and cluster roles: what they allow, and from which roles they are put together."""

from collections.abc import Iterator
from typing import Self

import msgspec

from kwho.state.fact import MOST, Fact, Lasting, clip_all
from kwho.state.things import CHANGED, actor, change, is_partial, subject_of
from kwho.views import Look
from kwho.views.body import Json, mapping, mappings, pairs, request_body, written, written_object
from kwho.views.grants import grants

PERMISSIONS = 2_000
"""Permissions of one role that are kept; wildcards come first."""


class Role(Lasting, frozen=True, gc=False):
    """What a role allows, each permission as `verb:group/resource[name]` or `verb:/path`.

    `aggregates` are the label selectors of roles that it takes in, each a set of `key=value`.
    """

    permissions: tuple[str, ...] = ()
    aggregates: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()
    capped: bool = False
    partial: bool = False

    def onto(self, former: Self) -> Self:
        """What was known and what is added."""
        added = (*former.permissions, *self.permissions)
        return msgspec.structs.replace(
            former,
            permissions=tuple(dict.fromkeys(added))[:PERMISSIONS],
            labels=tuple(dict.fromkeys((*former.labels, *self.labels))),
            partial=True,
        )


class Roles:
    """Finds facts about roles; cluster roles stand outside of all namespaces."""

    kind = "roles"
    condition = f"target:roles,clusterroles {CHANGED}"
    resources = (("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles"))

    def observe(self, look: Look) -> Iterator[Fact]:
        """The role that is written or deleted."""
        found = subject_of(look, self.kind)
        if found is not None:
            yield Fact(found, look.see(change), actor(look), _content(look))


def _content(look: Look) -> Role | None:
    if look.see(written) is None:
        return None
    body, allowed = look.see(written_object), look.see(grants)
    permissions = (*allowed.resources, *allowed.paths)
    selectors = mappings(mapping(body, "aggregationRule").get("clusterRoleSelectors"))
    return Role(
        permissions[:PERMISSIONS],
        tuple(clip_all(pairs(selector.get("matchLabels"))) for selector in list(selectors)[:MOST]),
        clip_all(pairs(mapping(body, "metadata").get("labels"))),
        allowed.capped or len(permissions) > PERMISSIONS,
        look.see(is_partial) and not _replaces(look.see(request_body)),
    )


def _replaces(patch: Json) -> bool:
    """True for a merge or apply patch that brings rules: lists of rules are replaced as a whole."""
    return isinstance(patch, dict) and isinstance(patch.get("rules"), list)
