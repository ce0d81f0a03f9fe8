"""What controllers, the scheduler and nodes did because of what a scenario created, found by owner references.

An event is a consequence when it names an object that the scenario created or an object owned by one, and was sent by
a component of the cluster. Objects are known by uid where the policy keeps bodies, and by name where the lab saw them
while they lived. What has neither, as the creation of a pod with a generated name at Metadata, stays unlabelled.

Roles that gather others have no owner. What their controller writes is a consequence of the cluster role that was
written just before, if a scenario did that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lab.ownership import Name, Ownership
from lab.story import Label, Stage

_AGGREGATION: Final = "system:serviceaccount:kube-system:clusterrole-aggregation-controller"
_AT_ONCE: Final = timedelta(seconds=2)  # a cluster role that was written longer ago is not what the controller joins
_COMPONENTS: Final = ("system:serviceaccount:kube-system:", "system:kube-", "system:node:", "system:apiserver")

Event = dict[str, Any]


def consequences(log: Path, stages: Iterable[Stage], ownership: Ownership) -> list[Label]:
    """One label for every scenario that made a component act."""
    stages = list(stages)
    events = list(_read(log))
    authors = {
        audit_id: stage.scenario.name for stage in stages for label in stage.labels for audit_id in label.audit_ids
    }
    owner_of = {uid: stage.scenario.name for stage in stages for uid in ownership.descendants(stage.created)}
    found: dict[str, list[Event]] = {}
    for scenario, event in (*_owned(events, owner_of, ownership), *aggregated(events, authors)):
        found.setdefault(scenario, []).append(event)
    return [_label(scenario, items) for scenario, items in sorted(found.items())]


def aggregated(events: Iterable[Event], authors: Mapping[str, str]) -> Iterator[tuple[str, Event]]:
    """What the controller of aggregated roles wrote, with the scenario that wrote a cluster role just before.

    `authors` names the scenario of a request by its audit id.
    """
    writes = [event for event in events if _writes_cluster_role(event)]
    author, when = None, datetime.min
    for event in sorted(writes, key=lambda event: str(event["requestReceivedTimestamp"])):
        now = datetime.strptime(event["requestReceivedTimestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
        if event["user"].get("username") != _AGGREGATION:
            author, when = authors.get(event["auditID"]), now
        elif author and now - when <= _AT_ONCE:
            yield author, event


def _writes_cluster_role(event: Event) -> bool:
    resource = (event.get("objectRef") or {}).get("resource")
    return resource == "clusterroles" and event.get("verb") in ("create", "update", "patch", "delete")


def _owned(events: Iterable[Event], owner_of: dict[str, str], ownership: Ownership) -> Iterator[tuple[str, Event]]:
    if not owner_of:
        return
    events = [event for event in events if _by_component(event)]
    named: dict[Name, str] = {ownership.names[uid]: name for uid, name in owner_of.items() if uid in ownership.names}
    for event in events:  # owners are made before what they own: one pass in the order of the file is enough
        for item in (event.get("responseObject"), event.get("requestObject")):
            _follow(event, item, owner_of, named)
    for event in events:
        if scenario := named.get(_key(event)) or _by_body(event, owner_of):
            yield scenario, event


def _follow(event: Event, item: object, owner_of: dict[str, str], named: dict[Name, str]) -> None:
    if not isinstance(item, dict) or not isinstance(meta := item.get("metadata"), dict):
        return
    owners = [owner.get("uid") for owner in meta.get("ownerReferences") or ()]
    scenario = owner_of.get(meta.get("uid", "")) or next((owner_of[uid] for uid in owners if uid in owner_of), None)
    if scenario is None or item.get("kind") in ("Binding", "Status"):
        return
    if uid := meta.get("uid"):
        owner_of.setdefault(uid, scenario)
    reference = event.get("objectRef") or {}
    if name := meta.get("name"):
        named[reference.get("resource", ""), meta.get("namespace", ""), name] = scenario


def _by_body(event: Event, owner_of: dict[str, str]) -> str | None:
    for item in (event.get("responseObject"), event.get("requestObject")):
        if isinstance(item, dict) and isinstance(meta := item.get("metadata"), dict):
            uids = [meta.get("uid"), *(owner.get("uid") for owner in meta.get("ownerReferences") or ())]
            if isinstance(involved := item.get("involvedObject"), dict):
                uids.append(involved.get("uid"))
            for uid in uids:
                if uid in owner_of:
                    return owner_of[uid]
    return None


def _key(event: Event) -> tuple[str, str, str]:
    reference = event.get("objectRef") or {}
    return reference.get("resource", ""), reference.get("namespace", ""), reference.get("name", "")


def _by_component(event: Event) -> bool:
    return str(event.get("user", {}).get("username", "")).startswith(_COMPONENTS)


def _label(scenario: str, events: list[Event]) -> Label:
    ids = tuple(dict.fromkeys(str(event["auditID"]) for event in events))
    times = sorted(str(event["requestReceivedTimestamp"]) for event in events)
    return Label(scenario, "what the cluster did", "consequence", "system", "", (), times[0], times[-1], ids)


def _read(log: Path) -> Iterable[Event]:
    with log.open("rb") as file:
        for line in file:
            yield json.loads(line)
