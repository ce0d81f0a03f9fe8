"""The world as the log tells it: the history of every thing, in order of time, and what was known of it at a moment."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby
from operator import attrgetter
from typing import Generic, Literal, NamedTuple, TypeVar, cast

from kwho.state.fact import BEFORE, Actor, Content, Fact, Thing, Told
from kwho.state.origins import Origins
from kwho.state.sightings import Sightings
from kwho.state.spec import Owner, Spec
from kwho.state.things.bindings import Binding
from kwho.state.things.certificates import Certificate
from kwho.state.things.entries import Entry
from kwho.state.things.namespaces import PodSecurity
from kwho.state.things.pods import UNNAMED
from kwho.state.things.roles import Role
from kwho.state.things.tokens import Token
from kwho.state.things.webhooks import Webhook

C = TypeVar("C")
Moment = tuple[int, ...]
"""Time in microseconds, file, offset and index within the record; a bare time is the moment before all its events."""

Knowledge = Literal["known", "partly", "gone", "unknown"]
"""`partly`: something that no body tells may have been changed since. `unknown`: it may lie before the log."""

SUFFIX = 5
"""Characters that the server puts behind the prefix of a generated name."""


class Answer(NamedTuple, Generic[C]):
    """What was known of a thing, and the fact that told it last; `unknown` and `gone` have no content."""

    knowledge: Knowledge
    content: C | None = None
    told: Told | None = None


class Version(NamedTuple):
    """What a thing was from a moment on."""

    moment: Moment
    knowledge: Knowledge
    content: Content | None
    told: Told


_since: Callable[[Version], Moment] = attrgetter("moment")
_time: Callable[[Told], int] = attrgetter("sighting.time")
_order: Callable[[Told], tuple[object, ...]] = attrgetter("order")

_UNKNOWN: Answer[Content] = Answer("unknown")


class World:
    """Facts, folded. Copies and replaced looks must have been taken out; the order of `told` does not matter."""

    def __init__(self, told: Iterable[Told] = ()) -> None:
        self._requests: dict[int, list[Told]] = defaultdict(list)
        self._tokens: dict[str, Told] = {}
        self._acts: dict[str, list[Told]] = defaultdict(list)
        self._allowed: dict[str, list[Told]] = defaultdict(list)
        self.sightings = Sightings()
        """Where kubelets and the tokens of pods were at work."""
        self.origins = Origins()
        """Where images came from."""
        grouped: dict[Thing, list[Told]] = defaultdict(list)
        sweeps: list[Told] = []
        for item in _ordered(told):
            self._requests[item.sighting.key].append(item)
            actor = item.fact.actor
            if effective := actor.effective:
                self._acts[effective].append(item)
            if actor.binding:
                self._allowed[actor.binding].append(item)
            self.sightings.add(item)
            self.origins.add(item)
            if isinstance(item.fact.content, Token) and item.fact.content.credential:
                self._tokens.setdefault(item.fact.content.credential, item)
            if item.fact.change == "swept":
                sweeps.append(item)
            else:
                grouped[item.fact.thing].append(item)
        for sweep in sweeps:
            for thing in [thing for thing in grouped if _sweeps(sweep.fact, thing)]:
                grouped[thing] = sorted([*grouped[thing], sweep], key=lambda item: item.order)
        self._histories = {thing: tuple(_fold(items)) for thing, items in grouped.items()}

    def things(self, kind: str) -> Iterator[Thing]:
        """All things of a kind that were ever told of."""
        return (thing for thing in self._histories if thing.kind == kind)

    def told_by(self, requests: Iterable[int]) -> Iterator[Told]:
        """The facts that some requests told, given by their keys, in the order of these."""
        telling = filter(self._requests.__contains__, requests)
        return chain.from_iterable(map(self._requests.__getitem__, telling))

    def acts(self, user: str, after: Moment, before: Moment) -> list[Told]:
        """The facts that requests with the rights of a user told between two moments, in order of time."""
        return _between(self._acts.get(user, []), after, before)

    def allowed_by(self, binding: str, after: Moment, before: Moment) -> list[Told]:
        """The facts that requests told which this binding allowed, as RBAC says, between two moments, in order."""
        return _between(self._allowed.get(binding, []), after, before)

    def history(self, thing: Thing) -> tuple[Version, ...]:
        """Every version of a thing, in order of time."""
        return self._histories.get(thing, ())

    def at(self, thing: Thing, moment: Moment) -> Answer[Content]:
        """What was known of a thing at a moment, the event at that moment included."""
        return self._version(thing, bisect_right(self.history(thing), moment, key=_since))

    def before(self, thing: Thing, moment: Moment) -> Answer[Content]:
        """What was known of a thing just before a moment."""
        return self._version(thing, bisect_left(self.history(thing), moment, key=_since))

    def pod(self, cluster: str | None, namespace: str | None, name: str, at: Moment) -> Answer[Spec]:
        """A pod by its name; one that nobody told of, by the prefix of its generated name: then known in part."""
        own = self.at(Thing("pods", cluster, namespace, name), at)
        if isinstance(own.content, Spec) and (own.content.account is not None or not own.content.partial):
            return cast("Answer[Spec]", own)
        if len(name) > SUFFIX:
            found = self.at(Thing("pods", cluster, namespace, name[:-SUFFIX] + UNNAMED), at)
            if isinstance(found.content, Spec):
                spec = own.content.onto(found.content) if isinstance(own.content, Spec) else found.content
                return Answer("gone" if own.knowledge == "gone" else "partly", spec, found.told)
        return cast("Answer[Spec]", own)

    def template(
        self, cluster: str | None, namespace: str | None, resource: str, name: str, at: Moment
    ) -> Answer[Spec]:
        """A workload, such as (`deployments`, `web`)."""
        return cast("Answer[Spec]", self.at(Thing("templates", cluster, namespace, f"{resource}/{name}"), at))

    def role(self, cluster: str | None, namespace: str | None, name: str, at: Moment) -> Answer[Role]:
        """A role, or with namespace None a cluster role."""
        return cast("Answer[Role]", self.at(Thing("roles", cluster, namespace, name), at))

    def binding(self, cluster: str | None, namespace: str | None, name: str, at: Moment) -> Answer[Binding]:
        """A role binding, or with namespace None a cluster role binding."""
        return cast("Answer[Binding]", self.at(Thing("bindings", cluster, namespace, name), at))

    def pod_security(self, cluster: str | None, namespace: str, at: Moment) -> Answer[PodSecurity]:
        """The Pod Security labels of a namespace."""
        return cast("Answer[PodSecurity]", self.at(Thing("namespaces", cluster, None, namespace), at))

    def certificate(self, cluster: str | None, name: str, at: Moment) -> Answer[Certificate]:
        """A certificate signing request."""
        return cast("Answer[Certificate]", self.at(Thing("certificates", cluster, None, name), at))

    def webhook(self, cluster: str | None, resource: str, name: str, at: Moment) -> Answer[Webhook]:
        """An admission webhook configuration."""
        return cast("Answer[Webhook]", self.at(Thing("webhooks", cluster, None, f"{resource}/{name}"), at))

    def token(self, credential: str) -> Told | None:
        """The fact that tells how the token with this credential id came to be."""
        return self._tokens.get(credential)

    def entries(self, cluster: str | None, namespace: str | None, name: str) -> tuple[tuple[Entry, Told], ...]:
        """The ways that were opened into a pod, in order of time."""
        found = self._histories.get(Thing("entries", cluster, namespace, name), ())
        return tuple((cast("Entry", version.told.fact.content), version.told) for version in found)

    def author(self, cluster: str | None, namespace: str | None, owner: Owner, at: Moment) -> tuple[str, Told] | None:
        """The workload at the top of a chain of owners, as `resource/name`, and the fact of its last author.

        A change by a controller carries on what somebody else wrote, so only changes of the template count.
        """
        for _ in range(DEEPEST):
            resource = RESOURCES.get(owner.kind)
            if resource is None:
                return None
            thing = Thing("templates", cluster, namespace, f"{resource}/{owner.name}")
            answer = self.at(thing, at)
            spec = answer.content
            if isinstance(spec, Spec) and spec.owners:
                owner = spec.owners[0]
                continue
            told = self._written(thing, at)
            return None if told is None else (thing.name, told)
        return None

    def _written(self, thing: Thing, at: Moment) -> Told | None:
        """The last fact that changed what a template says, or of which that is unknown."""
        found: Told | None = None
        former: Spec | None = None
        for version in self._histories.get(thing, ()):
            if version.moment > at:
                break
            spec = version.content if isinstance(version.content, Spec) else None
            if found is None or spec is None or former is None or _asked(spec) != _asked(former):
                found = version.told
            former = spec or former
        return found

    def _version(self, thing: Thing, count: int) -> Answer[Content]:
        if not count:
            return _UNKNOWN
        version = self._histories[thing][count - 1]
        return Answer(version.knowledge, version.content, version.told)


DEEPEST = 8
"""Owners of owners that are followed."""
RESOURCES = {
    "Deployment": "deployments",
    "DaemonSet": "daemonsets",
    "StatefulSet": "statefulsets",
    "ReplicaSet": "replicasets",
    "ReplicationController": "replicationcontrollers",
    "Job": "jobs",
    "CronJob": "cronjobs",
    "DeploymentConfig": "deploymentconfigs",
}
"""Resources of the kinds that own pods."""


def actor_of(answer: Answer[C]) -> Actor | None:
    """Who made or last changed a thing, as far as the log tells."""
    return None if answer.told is None or answer.told.sighting.time == BEFORE else answer.told.fact.actor


def _between(told: list[Told], after: Moment, before: Moment) -> list[Told]:
    start = bisect_right(told, after, key=_moment)
    return told[start : bisect_left(told, before, start, key=_moment)]


def _moment(told: Told) -> Moment:
    return told.moment


def _ordered(told: Iterable[Told]) -> Iterator[Told]:
    """Facts in their order, of which the time is most of the time enough."""
    for _, same in groupby(sorted(told, key=_time), _time):
        first, *others = same
        yield from sorted((first, *others), key=_order) if others else (first,)


def _asked(spec: Spec) -> tuple[object, ...]:
    return spec.account, spec.demands, spec.host_paths, spec.capabilities, spec.containers


def _sweeps(sweep: Fact, thing: Thing) -> bool:
    meant = sweep.thing
    same = (meant.kind, meant.cluster) == (thing.kind, thing.cluster) and meant.namespace in (None, thing.namespace)
    return same and thing.name.startswith(meant.name)


def _fold(items: list[Told]) -> Iterator[Version]:
    """The versions of one thing. What a request changed without telling leaves the former content known in part."""
    knowledge: Knowledge = "unknown"
    content: Content | None = None
    for told in items:
        fact = told.fact
        if fact.change == "gone":
            knowledge, content = "gone", None
        elif fact.change == "swept":  # a selector may have spared it
            knowledge = "partly" if content is not None else "unknown"
        elif fact.change == "made":
            knowledge, content = ("unknown" if fact.content is None else "known"), fact.content
        elif fact.change == "changed" and fact.content is None:
            knowledge = "partly" if content is not None else "unknown"
        elif fact.change == "changed" and fact.content is not None:
            content = _over(fact.content, content)
            knowledge = "partly" if content.partial else "known"
        yield Version(told.moment, knowledge, content, told)


def _over(told: Content, former: Content | None) -> Content:
    return told if former is None or not told.partial else told.onto(former)
