"""What the few-valued parts of an event decide: which rules can match it, and what the statistics count it under.

Most of an event is not new. The operation, the user with the groups, the agent, the peer and the namespace come again
and again, and everything that depends on them alone is found once and kept as the `Meaning` of all events that share
them.
"""

from array import array
from collections.abc import Iterable, Sized
from typing import Final, Protocol, TypeVar

from kwho.kernel.columns import PARTITIONS, STAGES, Table
from kwho.kernel.judge import clip
from kwho.kernel.lane import Lane
from kwho.kernel.mask import Masks
from kwho.profile.activity import RECEIVED, Operation
from kwho.schema.event import ABSENT, Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.outcome import answer
from kwho.views.principal import account, principal_kind
from kwho.views.site import Surroundings, peer_of
from kwho.views.token import CREDENTIAL_ID, CREDENTIAL_NODE, CREDENTIAL_POD, credential
from kwho.views.trail import ISSUED

CLOSED_EARLY: Final = "Connection closed early"
DECISION: Final = "authorization.k8s.io/decision"
REASON: Final = "authorization.k8s.io/reason"
DEPRECATED: Final = "k8s.io/deprecated"

MEMO: Final = 20_000
"""Distinct values remembered per dimension; beyond, a value is looked at anew each time."""
KEPT: Final = 10_000
"""Meanings, and values of a dimension, that are remembered for the next part; with more, all are forgotten."""

_NO_REF: Final = ObjectRef()
_NO_STATUS: Final = Status()
_NO_USER: Final = User()
RECEIVED_STAGE: Final = STAGES.index("received")
STARTED_STAGE: Final = STAGES.index("started")
_FINAL_STAGE: Final = STAGES.index("finals")
_STAGE: Final = {
    "ResponseComplete": _FINAL_STAGE,
    "RequestReceived": RECEIVED_STAGE,
    "ResponseStarted": STARTED_STAGE,
}
_REST: Final = STAGES.index("rest")
_FOLLOWED: Final = (CREDENTIAL_ID, CREDENTIAL_POD, CREDENTIAL_NODE)
_BODIED: Final = ("create", "update", "patch")
_DEEP: Final = ("Request", "RequestResponse")
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_LONG_RUNNING: Final = frozenset({"exec", "attach", "portforward", "proxy", "log"})

T = TypeVar("T")
Column = tuple["array[int]", "array[int]"]


class Meaning:
    """Shared by all events that differ in audit ID, URI, name and time only; what it counts is that of one part."""

    __slots__ = (
        "body",
        "book",
        "columns",
        "deprecated",
        "followed",
        "hour",
        "kubelet",
        "lane",
        "mask",
        "noted",
        "number",
        "owner",
        "pathless",
        "rank",
        "recorded",
        "row",
        "seed",
        "sign",
        "stage",
        "timed",
    )

    def __init__(self, book: object, sign: tuple[int, int, int, int], mask: int) -> None:
        self.book = book
        """Stands for the lists whose numbers these are (`Lexicon.book`)."""
        self.sign = sign
        """The numbers of operation, user, agent and peer."""
        self.mask = mask
        self.pathless = False
        """True for requests on no resource: their URI rules out further rules."""
        self.stage = 0
        self.body = 0
        self.timed = False
        """True when the time to the answer tells something."""
        self.deprecated = False
        self.recorded: tuple[bool, str, str] | None = None
        """Whether the level of a successful write asks for bodies, its verb and its target."""
        self.followed: tuple[str, str | None, str | None] | None = None
        """Id of the credential, the pod that it is bound to, as `namespace/name`, and the node of that pod."""
        self.kubelet: str | None = None
        """The node whose kubelet asks."""
        self.seed = 0
        """Hash of the cluster, the verb and the user, the part of the request key that they share."""
        self.number = -1
        """By which compiled code knows it (`kernel.express`); -1 when it does not."""
        self.lane: Lane | None = None
        """Where requests with this meaning may wait; it rests between parts."""
        self.begin(None, [])

    def begin(self, owner: object, columns: list[Column]) -> None:
        """Count for another part."""
        self.owner = owner
        """Stands for the part that the rest belongs to (`Lexicon.owner`)."""
        self.columns = columns
        self.hour = -1
        """The hour that `row` belongs to."""
        self.row = 0
        self.rank = -1
        """Stage and quality of the look, as the journal of the part numbers them; -1 until it is asked for."""
        self.noted = 0
        """The earliest moment in this hour that was noted; `LATEST` before, 0 when nothing is to be noted."""

    @property
    def watched(self) -> bool:
        """True when the first event of each hour is remembered (`kernel.witness`)."""
        return (self.followed, self.recorded, self.kubelet) != (None, None, None)


class Source(Protocol):
    """Where an event comes from; `number` tells contexts apart."""

    @property
    def context(self) -> Context:
        """What the wrapper tells."""
        ...

    @property
    def number(self) -> int:
        """The number of the context (`Lexicon.place`)."""
        ...


class Lexicon:
    """The meanings met so far, and the names that their numbers stand for; counts for one part at a time."""

    def __init__(self, masks: Masks, site: Surroundings | None = None) -> None:
        self._masks = masks
        self._site = site
        self._peer = peer_of if site is None else site.peer_of
        self._forget()
        self.begin()

    def begin(self) -> None:
        """Count for another part, with the meanings that are known."""
        held: tuple[Sized, ...] = (self._meanings, self._paths, self._places, *self._lists)
        if max(map(len, held)) > KEPT:
            self._forget()
        self.identified = False
        """True when some event told the id of its credential."""
        self.columns: list[list[Column]] = [
            [(array("q"), array("I")) for _ in range(PARTITIONS)] for _ in range(len(STAGES))
        ]
        self.owner = object()
        """Tells what meanings hold of this part from what they hold of another."""

    def _forget(self) -> None:
        self.book = object()
        """Tells meanings with numbers in these lists from older ones that a shape may still point at."""
        self.operations: list[Operation] = []
        self.users: list[str | None] = []
        self.agents: list[str | None] = []
        self.peers: list[str | None] = []
        self._lists = (self.operations, self.users, self.agents, self.peers)
        self._meanings: dict[tuple[object, ...], Meaning] = {}
        self._numbers: tuple[dict[object, int], ...] = ({}, {}, {}, {})
        self._paths: dict[bytes, int] = {}
        self._places: dict[Context, int] = {}
        self.lanes: list[Meaning] = []
        """The meanings with a lane, for `kernel.matching` to keep."""

    def place(self, context: Context) -> int:
        """A number that tells a context from others."""
        return self._places.setdefault(context, len(self._places))

    def begun(self, meaning: Meaning) -> Meaning:
        """A meaning, made ready for the part that is counted."""
        if meaning.owner is not self.owner:
            meaning.begin(self.owner, self.columns[meaning.stage])
            self.identified = self.identified or meaning.followed is not None
        return meaning

    def meaning(self, event: Event, source: Source) -> Meaning:
        """The meaning of an event."""
        ref, user, addresses = event.objectRef or _NO_REF, event.user or _NO_USER, event.sourceIPs or ()
        signs = _signs(event, ref)
        peer = self._peer(addresses)
        key = (
            signs, user.username, user.uid, user.groups, event.userAgent, peer, len(addresses) > 1,
            ref.namespace, ref.name is None, event.objectRef is None, source.number,
            tuple(map(user.extra.get, _FOLLOWED)) if user.extra else None,
        )  # fmt: skip
        found = self._meanings.get(key)
        if found is None:
            found = self._find(event, source.context, signs, peer)
            if len(self._meanings) < MEMO:
                self._meanings[key] = found
        return self.begun(found)

    def table(self, signs: Iterable[tuple[int, ...]]) -> Table:
        """The signatures of a part, in the order of their numbers: operation, user, agent, peer, hour, judged.

        Of the names, only those that stand there.
        """
        numbers: tuple[dict[int, int], ...] = ({}, {}, {}, {})
        rows = array("I")
        for *sign, hour, judged in signs:
            rows.extend(known.setdefault(old, len(known)) for known, old in zip(numbers, sign, strict=True))
            rows.extend((hour, judged))
        operations, users, agents, peers = numbers
        return Table(
            tuple(map(self.operations.__getitem__, operations)),
            tuple(map(self.users.__getitem__, users)),
            tuple(map(self.agents.__getitem__, agents)),
            tuple(map(self.peers.__getitem__, peers)),
            rows.tobytes(),
        )

    def close(self) -> None:
        """Let go of the columns: meanings outlive the part, and point to them."""
        for stage in self.columns:
            stage.clear()

    def path_mask(self, uri: bytes, look: Look) -> int:
        """The rules that can match a request on no resource with this URI."""
        mask = self._paths.get(uri)
        if mask is None:
            mask = self._masks.place(look)
            if len(self._paths) < MEMO:
                self._paths[uri] = mask
        return mask

    def _find(self, event: Event, context: Context, signs: tuple[object, ...], peer: str | None) -> Meaning:
        look, user, masks = Look(event, context, self._site), event.user or _NO_USER, self._masks
        mask = masks.operation(look, signs)
        mask &= masks.dimension("user", look, (user.username, user.groups))
        mask &= masks.dimension("agent", look, event.userAgent) & masks.dimension("peer", look, peer)
        pathless = event.objectRef is None
        told = RECEIVED if event.stage == "RequestReceived" else look.see(answer)
        operation = Operation(*signs[:9], not signs[9], not signs[10], not signs[11], told)  # type: ignore[arg-type,call-arg]  # in the order of Operation
        sign = (
            self._number(0, self.operations, operation, signs),
            self._number(1, self.users, clip(user.username), user.username),
            self._number(2, self.agents, clip(event.userAgent), event.userAgent),
            self._number(3, self.peers, clip(peer), peer),
        )
        found = Meaning(self.book, sign, mask if pathless else mask & masks.place(look))
        found.pathless = pathless
        found.stage = _STAGE.get(event.stage or "", _REST)
        found.body = int(operation.request_body or operation.response_body)
        found.timed = (
            found.stage == _FINAL_STAGE and event.verb != "watch" and operation.subresource not in _LONG_RUNNING
        )
        found.followed = _followed(look)
        found.kubelet = clip(look.see(account).name) if look.see(principal_kind) == "node" else None
        found.recorded = _recorded(operation)
        if found.stage == RECEIVED_STAGE and event.verb in _WRITES and not pathless:
            found.mask = masks.all + 1  # no rule, but remembered until it is answered
        found.deprecated = (event.annotations or {}).get(DEPRECATED) == "true"
        found.seed = hash((context.cluster or "", event.verb or "", user.username or ""))
        return found

    def _number(self, kind: int, rows: list[T], row: T, value: object) -> int:
        """The number of a value, given when it is met for the first time."""
        known = self._numbers[kind]
        number = known.get(value)
        if number is None:
            number = len(rows)
            rows.append(row)
            if number < MEMO:
                known[value] = number
        return number


def _recorded(operation: Operation) -> tuple[bool, str, str] | None:
    if operation.verb not in _BODIED or operation.stage != "ResponseComplete" or operation.answer != "success":
        return None
    deep, target = operation.level in _DEEP, operation.target
    return None if target is None or operation.level not in (*_DEEP, "Metadata") else (deep, operation.verb, target)


def _followed(look: Look) -> tuple[str, str | None, str | None] | None:
    ids, pods, nodes = (credential(look, key) for key in _FOLLOWED)
    namespace = look.see(account).namespace
    if not ids:
        return None
    bound = bool(pods) and namespace is not None
    return (
        clip(ids[0]) or "",
        clip(f"{namespace}/{pods[0]}") if bound else None,
        clip(nodes[0]) if bound and nodes else None,
    )


def _signs(event: Event, ref: ObjectRef) -> tuple[object, ...]:
    """What tells operations apart: the members of `Operation`, and whether only the usual annotations are there."""
    status, annotations = event.responseStatus or _NO_STATUS, event.annotations or {}
    decision = annotations.get(DECISION)
    plain = decision is not None and len(annotations) == 2 and REASON in annotations
    return (
        event.verb, event.stage, event.level, ref.resource, ref.subresource, ref.apiGroup, status.code,
        status.message == CLOSED_EARLY, decision, event.requestObject is ABSENT, event.responseObject is ABSENT,
        event.impersonatedUser is None, plain, annotations.get(DEPRECATED), ISSUED in annotations,
    )  # fmt: skip
