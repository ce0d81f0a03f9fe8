"""What a log is made of: shares of verbs, codes, actors and kinds of noise, beside those of a published trace.

The trace is `audit-logs.csv` of github.com/hkerma/kubernetes-event-dataset (CC BY 4.0, H. Kermabon-Bobinnec and
others, doi 10.1109/TDSC.2024.3420712): everything at Metadata without RequestReceived, 16,563 events in 244 s of a
cluster of three nodes and Kubernetes 1.23 or 1.24, in which a script installs Helm charts.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Event = dict[str, Any]
Shares = Mapping[str, float]
"""Per cent by name."""

PUBLISHED: Final[Mapping[str, Shares]] = {
    "verb": {
        "get": 74.4,
        "update": 7.6,
        "list": 5.2,
        "create": 5.1,
        "watch": 3.4,
        "delete": 2.0,
        "patch": 1.6,
        "deletecollection": 0.5,
    },
    "verb without discovery": {
        "get": 32.5,
        "update": 20.1,
        "list": 13.8,
        "create": 13.5,
        "watch": 9.0,
        "delete": 5.3,
        "patch": 4.3,
        "deletecollection": 1.4,
    },
    "code": {"200": 89.8, "201": 4.9, "404": 4.5, "403": 0.4, "409": 0.4, "other": 0.0},
    "actor": {
        "people and pipelines": 42.0,
        "accounts": 29.4,
        "accounts of kube-system": 12.0,
        "controller manager": 4.9,
        "nodes": 4.5,
        "API server": 3.5,
        "scheduler": 2.2,
        "anonymous": 1.6,
    },
    "noise": {
        "discovery": 62.2,
        "reads": 15.4,
        "writes": 8.7,
        "leases": 3.6,
        "watches": 3.2,
        "status writes": 2.8,
        "events": 1.9,
        "endpoints": 1.9,
        "tokens and reviews": 0.3,
    },
}
"""The shares of the published trace by dimension."""

_ACTORS: Final = {
    "system:kube-controller-manager": "controller manager",
    "system:kube-scheduler": "scheduler",
    "system:apiserver": "API server",
    "system:anonymous": "anonymous",
    "": "anonymous",
}
_ACTOR_PREFIXES: Final = {
    "system:serviceaccount:kube-system:": "accounts of kube-system",
    "system:serviceaccount:": "accounts",
    "system:node:": "nodes",
}
_NOISE: Final = {"leases": "leases", "events": "events", "endpoints": "endpoints", "endpointslices": "endpoints"}


def mix(events: Iterable[Event]) -> dict[str, dict[str, float]]:
    """The shares of a log in per cent, by the dimensions of `PUBLISHED`; as there, RequestReceived is left out."""
    counts: dict[str, Counter[str]] = {dimension: Counter() for dimension in PUBLISHED}
    for event in events:
        if event["stage"] == "RequestReceived":
            continue
        noise, verb = noise_of(event), event["verb"]
        counts["verb"][verb] += 1
        if noise != "discovery":
            counts["verb without discovery"][verb] += 1
        code = str((event.get("responseStatus") or {}).get("code", "other"))
        counts["code"][code if code in PUBLISHED["code"] else "other"] += 1
        counts["actor"][actor_of(event)] += 1
        counts["noise"][noise] += 1
    return {dimension: _shares(found, PUBLISHED[dimension]) for dimension, found in counts.items()}


def noise_of(event: Event) -> str:
    """The kind of noise that an event is: a name of `PUBLISHED["noise"]`."""
    target = event.get("objectRef")
    if target is None:
        return "discovery"
    resource, part, verb = target["resource"], target.get("subresource"), event["verb"]
    if found := _NOISE.get(resource):
        return found
    if part == "token" or resource.endswith("reviews"):
        return "tokens and reviews"
    if verb in ("get", "list"):
        return "reads"
    if verb == "watch":
        return "watches"
    return "status writes" if part == "status" else "writes"


def actor_of(event: Event) -> str:
    """The class of whoever sent the request: a name of `PUBLISHED["actor"]`."""
    name = (event.get("user") or {}).get("username", "")
    for prefix, found in _ACTOR_PREFIXES.items():
        if name.startswith(prefix):
            return found
    return _ACTORS.get(name, "people and pipelines")


def read(folder: Path) -> Iterable[Event]:
    """The events of a recording, packed or not."""
    packed = folder / "audit.log.zst"
    with zstd.open(packed, "rb") if packed.exists() else (folder / "audit.log").open("rb") as file:
        yield from map(json.loads, file)


def table(found: Mapping[str, Shares]) -> str:
    """The shares beside the published ones, as text for a terminal."""
    lines = [f"{'':34} {'here':>6} {'there':>6}"]
    for dimension, shares in found.items():
        there = PUBLISHED[dimension]
        lines += [
            f"{dimension}:",
            *(f"  {name:32} {here:6.1f} {there.get(name, 0):6.1f}" for name, here in shares.items()),
        ]
    return "\n".join(lines) + "\n"


def _shares(counts: Counter[str], published: Shares) -> dict[str, float]:
    total = max(counts.total(), 1)
    names = [*published, *sorted(counts.keys() - published.keys())]
    return {name: 100 * counts[name] / total for name in names}
