"""What a scenario is made of: a stage with clients, steps that collect Audit-IDs, and the labels they become."""

from __future__ import annotations

import datetime as dt
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from lab.cast import AGENTS, BASTION, VPN
from lab.client import Answer, Client, Identity
from lab.laboratory import Laboratory
from lab.manifests import Manifest, path_of

Kind = Literal["attack", "confounder", "consequence"]
Tempo = Literal["burst", "normal", "slow"]
_PAUSES: Final[Mapping[str, tuple[float, float]]] = {"burst": (0.0, 0.05), "normal": (0.3, 1.5), "slow": (2.0, 6.0)}


@dataclass(frozen=True)
class Label:
    """One step of a scenario: what was done, by whom, and by which requests."""

    scenario: str
    step: str
    kind: Kind
    actor: str
    tactic: str
    detections: tuple[str, ...]
    start: str
    end: str
    audit_ids: tuple[str, ...]
    unrecorded: tuple[str, ...] = ()

    def line(self) -> str:
        """The label as one line of JSON."""
        return json.dumps(self.__dict__, separators=(",", ":"))

    def without(self, recorded: frozenset[str]) -> Label:
        """The same label, with those of its ids named that are not among `recorded`."""
        return replace(self, unrecorded=tuple(i for i in self.audit_ids if i not in recorded))


@dataclass(frozen=True)
class Scenario:
    """A story that can be played: its name is the name of its file."""

    name: str
    title: str
    kind: Kind
    intent: str
    techniques: tuple[str, ...]
    play: Callable[[Stage], None]
    since: tuple[int, int] = (1, 30)  # the first minor version of Kubernetes on which it can be played


@dataclass
class Stage:
    """What a scenario acts on. One stage belongs to one run of one scenario."""

    lab: Laboratory
    scenario: Scenario
    seed: str
    tempo: Tempo = "normal"
    labels: list[Label] = field(default_factory=list)
    created: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._lock = threading.Lock()
        self._open: list[str] = []

    def client(self, identity: Identity, address: str, agent: str, headers: Mapping[str, str] | None = None) -> Client:
        """A client whose requests belong to the step that is open when they are answered."""
        return Client(identity, address, agent, self.lab.plane.ca, self._note, headers or {})

    def person(self, name: str, address: str = "", agent: str = "") -> Client:
        """A person at the office (or at `address`) with a fresh token of the identity provider."""
        found = self.lab.person(name)
        return self.client(self.lab.login(name), address or self.lab.place(name), agent or found.agent)

    def pod(self, namespace: str, app: str, agent: str = "") -> Client:
        """The program in a running pod of `app`: its mounted token, from the pod's address."""
        running = self.lab.running(namespace, app)
        return self.client(running.identity, running.address, agent or running.agent)

    def stranger(self, identity: Identity, agent: str) -> Client:
        """Somebody with a stolen identity at a hosted machine that nobody knows."""
        return self.client(identity, self.lab.stranger(self.chance), agent)

    def hijack(self, name: str) -> Client:
        """Somebody who acts with a person's session: from the office, the VPN, a pod's network or a hosted machine."""
        places = (self.lab.place(name), self.chance.choice(VPN), f"10.244.1.{self.chance.randrange(2, 60)}")
        address = self.chance.choice((*places, self.lab.stranger(self.chance)))
        own = self.lab.person(name).agent
        agent = self.chance.choice((own, own, own, AGENTS["curl"], AGENTS["python"]))
        return self.client(self.lab.login(name), address, agent)

    def admin(self) -> Client:
        """The administrator at the bastion host, who repairs and prepares."""
        return self.client(self.lab.admin, BASTION, AGENTS["admin"])

    def kubectl(self, person: str, *arguments: str, old: bool = False) -> str:
        """Run the real kubectl as a person at their place; `old` streams by SPDY, as before version 1.31."""
        env = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false"} if old else {}
        return self.lab.kubectl(person, list(arguments), self._note, env=env).stdout

    def curl(self, identity: Identity, address: str, path: str, *headers: str) -> str:
        """Read a path with the real curl, and some headers of its own."""
        return self.lab.curl(identity, address, path, self._note, *headers)

    @contextmanager
    def step(
        self,
        name: str,
        actor: Client | str,
        tactic: str = "",
        detections: tuple[str, ...] = (),
        kind: Kind | None = None,
    ) -> Iterator[None]:
        """Everything sent inside is one labelled step. `detections` are ids of the catalogue that may speak of it."""
        with self._lock:
            self._open = []
        begin = _now()
        try:
            yield
        finally:
            with self._lock:
                ids = tuple(dict.fromkeys(self._open))
            who = actor if isinstance(actor, str) else actor.identity.name
            self.labels.append(
                Label(self.scenario.name, name, kind or self.scenario.kind, who, tactic, detections, begin, _now(), ids)
            )
        self.pause()

    def must(self, answer: Answer) -> Answer:
        """The same answer; raises RuntimeError when the server refused what the story needs."""
        if not answer.ok:
            raise RuntimeError(f"{self.scenario.name}: {answer.code} {answer.body[:300]!r}")
        return answer

    def create(self, client: Client, manifest: Manifest, namespace: str = "") -> Answer:
        """Create an object and remember it, so that what controllers do for it can be labelled as its consequence."""
        placed = manifest | {"metadata": manifest["metadata"] | ({"namespace": namespace} if namespace else {})}
        answer = client.post(path_of(placed), placed)
        uid = answer.json.get("metadata")
        if answer.ok and isinstance(uid, dict):
            self.created.append(str(uid["uid"]))
        return answer

    def pause(self) -> None:
        """Wait as long as the tempo of this run wants between two steps."""
        low, high = _PAUSES[self.tempo]
        time.sleep(self.chance.uniform(low, high))

    def word(self, *words: str) -> str:
        """A name for an object: one of `words`, with a few characters of chance behind it."""
        return f"{self.chance.choice(words)}-{self.chance.randrange(16**4):04x}"

    def _note(self, audit_id: str) -> None:
        with self._lock:
            self._open.append(audit_id)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
