"""Who may do what at a moment: bindings resolved to the permissions of their roles, wherever those come from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kwho.state.fact import Thing
from kwho.state.subject import AUTHENTICATED, implied_groups, names_of
from kwho.state.things.bindings import Binding
from kwho.state.things.roles import PERMISSIONS, Role
from kwho.state.world import Knowledge, Moment, World

MASTERS: Final = "system:masters"
EVERYTHING: Final = ("*:*/*", "*:*")
"""Every verb on every resource, and on every path: what the group `system:masters` may do past all bindings."""
MOST: Final = 5_000
"""Permissions of one identity that are listed; wildcards come first within each role."""
BOUND: Final = 1_000
"""Bindings of one identity that are resolved."""


class Grant(NamedTuple):
    """One binding of an identity as of a moment: its thing, its role as `Kind/name`, where it holds, what it gives.

    `namespace` None: in the whole cluster. `knowledge` is that of the role; `default` is what Kubernetes ships it with.
    `subject` is the subject of the binding that means the identity, such as `Group:system:authenticated`.
    """

    binding: Thing | None
    role: str
    namespace: str | None
    permissions: tuple[str, ...]
    knowledge: Knowledge | str
    subject: str = ""


class Access:
    """The world's bindings by subject; `defaults` are the permissions of the cluster roles that Kubernetes ships."""

    def __init__(self, world: World, defaults: Mapping[str, Sequence[str]] | None = None) -> None:
        self._world = world
        self._defaults = defaults or {}
        self._subjects: dict[tuple[str | None, str], dict[Thing, None]] = defaultdict(dict)
        self._cluster_roles: dict[str | None, list[Thing]] = defaultdict(list)
        self._holding: dict[tuple[str | None, str], dict[Thing, None]] = defaultdict(dict)
        for thing in world.things("bindings"):
            for version in world.history(thing):
                if isinstance(version.content, Binding):
                    self._holding[thing.cluster, version.content.role or ""][thing] = None
                    for subject in version.content.subjects:
                        self._subjects[thing.cluster, subject][thing] = None
        for thing in world.things("roles"):
            if thing.namespace is None:
                self._cluster_roles[thing.cluster].append(thing)

    def grants(self, cluster: str | None, user: str, groups: Iterable[str], at: Moment) -> Iterator[Grant]:
        """Every binding of a user with these groups that held at a moment, in order of name."""
        told = tuple(dict.fromkeys((*groups, *implied_groups(user))))
        if MASTERS in told:
            yield Grant(None, MASTERS, None, EVERYTHING, "known", f"Group:{MASTERS}")
        yield from self._grants(cluster, (*names_of(user), *(f"Group:{group}" for group in told)), at)

    def own(self, cluster: str | None, user: str, at: Moment) -> Iterator[Grant]:
        """The bindings that mean a user, or the groups of a service account; not those that mean all who log in."""
        groups = (f"Group:{group}" for group in implied_groups(user) if group != AUTHENTICATED)
        return self._grants(cluster, (*names_of(user), *groups), at)

    def _grants(self, cluster: str | None, names: Sequence[str], at: Moment) -> Iterator[Grant]:
        found = {thing for name in names for thing in self._subjects.get((cluster, name), ())}
        for thing in sorted(found, key=lambda thing: (thing.namespace or "", thing.name))[:BOUND]:
            content = self._world.at(thing, at).content
            if not isinstance(content, Binding) or not content.role:
                continue
            subject = next((name for name in names if name in content.subjects), None)
            if subject is not None:
                permissions, knowledge = self.role(cluster, thing.namespace, content.role, at)
                yield Grant(thing, content.role, thing.namespace, permissions, knowledge, subject)

    def permissions(self, cluster: str | None, user: str, groups: Iterable[str], at: Moment) -> tuple[str, ...]:
        """What an identity may do somewhere, each permission once, at most `MOST`."""
        found: dict[str, None] = {}
        for grant in self.grants(cluster, user, groups, at):
            found.update(dict.fromkeys(grant.permissions))
            if len(found) > MOST:
                break
        return tuple(found)[:MOST]

    def role(
        self, cluster: str | None, namespace: str | None, role: str, at: Moment
    ) -> tuple[tuple[str, ...], Knowledge | str]:
        """The permissions of `Kind/name` as a binding in this namespace refers to it, and how well they are known."""
        kind, _, name = role.rpartition("/")
        place = None if kind in ("ClusterRole", "") else namespace
        answer = self._world.role(cluster, place, name, at)
        if answer.content is None:
            shipped = tuple(self._defaults.get(name, ())) if place is None and answer.knowledge == "unknown" else ()
            return shipped, "default" if shipped else answer.knowledge
        whole = dict.fromkeys(answer.content.permissions)
        for taken in self._aggregated(cluster, answer.content, at):
            whole.update(dict.fromkeys(taken.permissions))
        return tuple(whole)[:PERMISSIONS], answer.knowledge

    def _aggregated(self, cluster: str | None, role: Role, at: Moment) -> Iterator[Role]:
        """The roles whose labels one of the selectors of an aggregated role picks."""
        if not role.aggregates:
            return
        for thing in self._cluster_roles.get(cluster, ()):
            content = self._world.at(thing, at).content
            if isinstance(content, Role) and any(set(wanted) <= set(content.labels) for wanted in role.aggregates):
                yield content

    def holders(self, role: Thing, at: Moment) -> tuple[str, ...]:
        """The subjects that some binding gave this role at a moment."""
        label = f"{'ClusterRole' if role.namespace is None else 'Role'}/{role.name}"
        found: dict[str, None] = {}
        for thing in self._holding.get((role.cluster, label), ()):
            if role.namespace in (None, thing.namespace):
                content = self._world.at(thing, at).content
                if isinstance(content, Binding) and content.role == label:
                    found.update(dict.fromkeys(content.subjects))
        return tuple(sorted(found))
