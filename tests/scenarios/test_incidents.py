"""Stories on an API server: requests in, exactly these incidents out."""

from collections.abc import Callable
from typing import Any

from kwho.schema.incident import Incident
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Tell = Callable[..., Result]

THIEF, HOME = "203.0.113.66", "10.2.3.4"
WEB = "system:serviceaccount:shop:web"
EXTRA = "authentication.kubernetes.io/"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


def exec_(make: Make, at: int, user: str, command: str, **members: Any) -> dict[str, Any]:
    query = "&".join(f"command={part}" for part in command.split())
    uri = f"/api/v1/namespaces/shop/pods/web-1/exec?{query}&stdout=true"
    return make(at, user, "get", "shop:pods/web-1/exec", requestURI=uri, responseStatus={"code": 101}, **members)


def of_pod(make: Make, at: int, verb: str, target: str, **members: Any) -> dict[str, Any]:
    """A request with the token of the pod that was entered."""
    made = make(at, WEB, verb, target, **members)
    made["user"]["extra"] = {EXTRA + "pod-name": ["web-1"], EXTRA + "credential-id": ["JTI=web-1"]}
    return made


def grant(name: str, *subjects: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": list(subjects),
    }


def bind(make: Make, at: int, user: str, name: str, *subjects: dict[str, str], **members: Any) -> dict[str, Any]:
    return make(
        at, user, "create", f"clusterrolebindings/{name}", requestObject=grant(name, *subjects), **members
    )  # fmt: skip


def texts(incident: Incident) -> list[str]:
    return [step.text.partition(":")[0] for step in incident.story if step.severity != "informational"]


def test_from_a_stolen_login_through_a_pod_to_the_cluster(request_: Make, told: Tell) -> None:
    story = [
        exec_(request_, 0, "mallory", f"cat {TOKEN}", sourceIPs=[THIEF]),
        of_pod(request_, 90, "list", "secrets", sourceIPs=["198.51.100.7"]),
        bind(request_, 150, WEB, "x", {"kind": "User", "name": "eve"}, sourceIPs=["198.51.100.7"]),
        request_(300, "eve", "list", "secrets", sourceIPs=["198.51.100.9"]),
    ]
    story[2]["user"]["extra"] = story[1]["user"]["extra"]
    (incident,) = told(story).incidents
    assert incident.principals == ("mallory", WEB, "eve")
    assert incident.severity == "critical"
    assert [bond.kind for bond in incident.bonds if bond.kind in ("pod", "identity")] == ["pod", "identity"]
    assert [step.finding in incident.findings for step in incident.story] == [True] * len(incident.story)
    assert all(step.events for step in incident.story)
    assert incident.advice
    backwards = told(story[::-1]).incidents
    assert [each.id for each in backwards] == [incident.id]
    assert texts(backwards[0]) == texts(incident)


def test_rights_of_an_emergency_are_one_incident_and_say_that_they_were_given_back(request_: Make, told: Tell) -> None:
    ana = {"kind": "User", "name": "ana"}
    story = [
        bind(request_, 0, "ana", "break-glass", ana, sourceIPs=[HOME]),
        request_(60, "ana", "patch", "nodes/n-1", sourceIPs=[HOME]),
        request_(900, "ana", "delete", "clusterrolebindings/break-glass", sourceIPs=[HOME]),
    ]
    (incident,) = told(story).incidents
    assert incident.principals == ("ana",)
    assert "taken back within an hour" in incident.title


def test_two_attackers_at_once_are_two(request_: Make, told: Tell) -> None:
    story = [
        exec_(request_, 0, "mallory", f"cat {TOKEN}", sourceIPs=[THIEF]),
        exec_(request_, 5, "trudy", "curl 169.254.169.254/latest", sourceIPs=["198.51.100.7"]),
        bind(request_, 60, "mallory", "m", {"kind": "User", "name": "mallory"}, sourceIPs=[THIEF]),
        bind(request_, 65, "trudy", "t", {"kind": "User", "name": "trudy"}, sourceIPs=["198.51.100.7"]),
    ]
    assert {incident.principals for incident in told(story).incidents} == {("mallory",), ("trudy",)}


def test_a_day_of_reading_secrets_by_programs_is_no_incident(request_: Make, told: Tell) -> None:
    operator = "system:serviceaccount:ops:operator"
    story = [
        request_(at, operator, "list", "ops:secrets", sourceIPs=["10.244.1.9"], userAgent="operator/v1")
        for at in range(0, 3_500, 100)
    ]
    found = told(story)
    assert found.findings
    assert found.incidents == ()
