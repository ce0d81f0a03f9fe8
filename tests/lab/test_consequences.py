"""What the cluster did for a scenario is found by owner references."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lab.consequences import consequences
from lab.ownership import Ownership


def event(audit_id: str, name: str = "", **more: Any) -> dict[str, Any]:
    reference = {"resource": more.pop("resource", "pods"), "namespace": "n", **({"name": name} if name else {})}
    user = {"username": more.pop("user", "system:serviceaccount:kube-system:replicaset-controller")}
    time = f"2026-01-01T00:00:0{audit_id[-1]}.000000Z"
    return {"auditID": audit_id, "user": user, "objectRef": reference, "requestReceivedTimestamp": time, **more}


def owned(uid: str, owner: str, name: str) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "name": name, "namespace": "n", "ownerReferences": [{"uid": owner}]}}


def played(
    tmp_path: Path,
    *events: dict[str, Any],
    created: tuple[str, ...] = ("root",),
    ownership: Ownership | None = None,
    did: tuple[str, ...] = (),
) -> Any:
    log = tmp_path / "audit.log"
    log.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    labels = [SimpleNamespace(audit_ids=did)]
    stage: Any = SimpleNamespace(created=list(created), scenario=SimpleNamespace(name="story"), labels=labels)
    return consequences(log, [stage], ownership or Ownership())


def test_objects_owned_by_what_was_created_are_followed_down(tmp_path: Path) -> None:
    (label,) = played(
        tmp_path,
        event("e1", responseObject=owned("middle", "root", "rs"), resource="replicasets"),
        event("e2", responseObject=owned("leaf", "middle", "p")),
        event("e3", "p", user="system:kube-scheduler"),
        event("e4", "other"),
    )
    assert (label.kind, label.scenario, label.audit_ids) == ("consequence", "story", ("e1", "e2", "e3"))
    assert label.start < label.end


def test_an_event_object_about_it_counts(tmp_path: Path) -> None:
    (label,) = played(
        tmp_path, event("e1", resource="events", requestObject={"involvedObject": {"uid": "root"}, "metadata": {}})
    )
    assert label.audit_ids == ("e1",)


def test_people_are_never_a_consequence(tmp_path: Path) -> None:
    assert played(tmp_path, event("e1", responseObject=owned("x", "root", "p"), user="oidc:alice@example.com")) == []


def test_nothing_created_has_no_consequences(tmp_path: Path) -> None:
    assert played(tmp_path, event("e1"), created=()) == []


def test_without_bodies_an_object_is_known_by_the_name_it_had_while_it_lived(tmp_path: Path) -> None:
    ownership = Ownership()
    ownership.take("replicasets", owned("middle", "root", "rs"))
    ownership.take("pods", owned("leaf", "middle", "p"))
    (label,) = played(tmp_path, event("e1", "p"), event("e2", "q"), ownership=ownership)
    assert label.audit_ids == ("e1",)


AGGREGATION = "system:serviceaccount:kube-system:clusterrole-aggregation-controller"


def written(audit_id: str, user: str = AGGREGATION) -> dict[str, Any]:
    return event(audit_id, "view", resource="clusterroles", verb="patch", user=user)


def test_what_joins_aggregated_roles_follows_from_the_role_written_just_before(tmp_path: Path) -> None:
    (label,) = played(tmp_path, written("e1", "eve"), written("e2"), written("e3"), created=(), did=("e1",))
    assert label.audit_ids == ("e2", "e3")


def test_an_aggregation_long_after_or_after_another_role_has_its_own_cause(tmp_path: Path) -> None:
    assert played(tmp_path, written("e1", "eve"), written("e9"), created=(), did=("e1",)) == []
    assert played(tmp_path, written("e1", "eve"), written("e2", "bob"), written("e3"), created=(), did=("e1",)) == []
