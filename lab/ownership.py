"""Who owns which object, watched while a recording is made: the facts by which consequences are told."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from lab.client import Client

Name = tuple[str, str, str]
"""Resource, namespace and name, as an event refers to an object."""

_METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_WATCHED: Final = {
    "replicasets": "/apis/apps/v1/replicasets",
    "jobs": "/apis/batch/v1/jobs",
    "pods": "/api/v1/pods",
}
_LONGEST: Final = 20  # seconds of one watch, so that the end of a recording is noticed


@dataclass
class Ownership:
    """Owners and names of the objects seen so far. Bounded by the objects that exist during one recording."""

    owners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, Name] = field(default_factory=dict)

    def watch(self, make: Callable[[], Client], stop: threading.Event) -> None:
        """Watch until `stop`, one thread for each resource, as a dashboard does that is left open."""
        for resource, path in _WATCHED.items():
            threading.Thread(target=self._follow, args=(resource, path, make, stop), daemon=True).start()

    def take(self, resource: str, item: dict[str, Any]) -> None:
        """Remember one object by its metadata."""
        meta = item.get("metadata") or {}
        if uid := meta.get("uid"):
            self.owners[uid] = tuple(owner["uid"] for owner in meta.get("ownerReferences") or ())
            self.names[uid] = (resource, meta.get("namespace", ""), meta.get("name", ""))

    def descendants(self, roots: Iterable[str]) -> set[str]:
        """The roots and all that they own, at any depth."""
        found = set(roots)
        while more := {uid for uid, owners in self.owners.items() if uid not in found and found.intersection(owners)}:
            found |= more
        return found

    def _follow(self, resource: str, path: str, make: Callable[[], Client], stop: threading.Event) -> None:
        while not stop.is_set():
            client = make()
            try:
                for line in client.stream(f"{path}?watch=true&timeoutSeconds={_LONGEST}&resourceVersion=0", _METADATA):
                    self.take(resource, json.loads(line).get("object") or {})
            except (OSError, http.client.HTTPException, ValueError):
                stop.wait(1)
            finally:
                client.close()
