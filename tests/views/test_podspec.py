"""Finding the pod or template in whatever a request writes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views import containers, podspec

DANGEROUS: dict[str, Any] = {"hostPID": True, "containers": [{"name": "c", "securityContext": {"privileged": True}}]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "spec",
                    "template",
                    "jobTemplate",
                    "metadata",
                    "containers",
                    "initContainers",
                    "securityContext",
                    "volumes",
                    "hostPath",
                    "path",
                    "annotations",
                    "capabilities",
                    "add",
                    "ports",
                    "hostPort",
                    "env",
                    "name",
                    "value",
                    "exec",
                    "command",
                    "lifecycle",
                    "postStart",
                    "livenessProbe",
                    "runAsUser",
                    "generateName",
                    "op",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


def template(spec: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": {"a": "b"}}, "spec": spec}


def workload(group: str, resource: str, body: Any) -> dict[str, Any]:
    return {"verb": "create", "objectRef": {"apiGroup": group, "resource": resource}, "requestObject": body}


@pytest.mark.parametrize(
    ("group", "resource", "body"),
    [
        ("", "pods", {"spec": DANGEROUS}),
        ("", "podtemplates", {"template": template(DANGEROUS)}),
        ("", "replicationcontrollers", {"spec": {"template": template(DANGEROUS)}}),
        *[
            ("apps", r, {"spec": {"template": template(DANGEROUS)}})
            for r in ("deployments", "daemonsets", "statefulsets", "replicasets")
        ],
        ("extensions", "daemonsets", {"spec": {"template": template(DANGEROUS)}}),
        ("batch", "jobs", {"spec": {"template": template(DANGEROUS)}}),
        ("batch", "cronjobs", {"spec": {"jobTemplate": {"spec": {"template": template(DANGEROUS)}}}}),
        ("apps.openshift.io", "deploymentconfigs", {"spec": {"template": template(DANGEROUS)}}),
        ("argoproj.io", "rollouts", {"kind": "Rollout", "spec": {"template": template(DANGEROUS)}}),
    ],
)
def test_the_pod_is_found_wherever_its_template_stands(look_at: Any, group: str, resource: str, body: Any) -> None:
    look = look_at(**workload(group, resource, body))
    assert containers.privileged(look) is True
    assert podspec.pod_flag(look, "hostPID") is True
    assert podspec.origin(look) == "requestObject"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Pod", {"spec": DANGEROUS}),
        ("CronJob", {"spec": {"jobTemplate": {"spec": {"template": template(DANGEROUS)}}}}),
        ("Deployment", {"spec": {"template": template(DANGEROUS)}}),
    ],
)
def test_without_a_reference_the_kind_tells_the_place(look_at: Any, kind: str, body: Any) -> None:
    assert containers.privileged(look_at(verb="create", requestObject={"kind": kind, **body})) is True


@pytest.mark.parametrize(
    "members",
    [
        {"verb": "get", "objectRef": {"resource": "pods"}, "responseObject": {"metadata": {}, "spec": DANGEROUS}},
        {"verb": "delete", "objectRef": {"resource": "pods"}, "requestObject": {"kind": "DeleteOptions"}},
        {"verb": "create", "objectRef": {"resource": "pods"}},
        {
            "verb": "create",
            "objectRef": {"resource": "pods"},
            "requestObject": {"kind": "List", "items": [{"spec": DANGEROUS}]},
        },
        {
            "verb": "create",
            "objectRef": {"resource": "pods", "subresource": "binding"},
            "requestObject": {"spec": DANGEROUS},
        },
        {
            "verb": "patch",
            "objectRef": {"resource": "pods", "subresource": "status"},
            "responseObject": {"metadata": {}, "spec": DANGEROUS},
        },
        {
            "verb": "update",
            "objectRef": {"apiGroup": "apps", "resource": "deployments", "subresource": "scale"},
            "requestObject": {"spec": {"replicas": 3}},
        },
        {"verb": "create", "objectRef": {"apiGroup": "x.io", "resource": "pods"}, "requestObject": {"spec": DANGEROUS}},
        {
            "verb": "create",
            "objectRef": {"apiGroup": "x.io", "resource": "things"},
            "requestObject": {"spec": {"template": {"spec": {"hostPID": True}}}},
        },
        {"verb": "create", "objectRef": {"resource": "secrets"}, "requestObject": {"data": {}}},
    ],
)
def test_what_writes_no_pod_has_no_pod(look_at: Any, members: dict[str, Any]) -> None:
    look = look_at(**members)
    assert podspec.pod(look) is None
    assert containers.privileged(look) is None
    assert podspec.pod_flag(look, "hostPID") is None
    assert podspec.origin(look) is None
    assert podspec.mirror(look) is None
    assert (
        podspec.names(look)
        == podspec.annotations(look)
        == podspec.host_paths(look)
        == podspec.service_account(look)
        == ()
    )


def test_an_ephemeral_container_is_read_and_the_rest_of_its_pod_is_not(look_at: Any) -> None:
    ref = {"resource": "pods", "subresource": "ephemeralcontainers", "name": "p"}
    debug = {
        "name": "debugger",
        "stdin": True,
        "tty": True,
        "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}},
    }
    patch = look_at(verb="patch", objectRef=ref, requestObject={"spec": {"ephemeralContainers": [debug]}})
    assert containers.names(patch) == ("debugger",)
    assert podspec.origin(patch) == "patch"
    whole = {"metadata": {"name": "p"}, "spec": {**DANGEROUS, "ephemeralContainers": [debug]}}
    answered = look_at(verb="patch", objectRef=ref, requestObject={"spec": {}}, responseObject=whole)
    assert containers.capabilities(answered) == ("SYS_ADMIN",)
    assert containers.privileged(answered) is False
    assert podspec.pod_flag(answered, "hostPID") is False
    assert containers.interactive(answered) is True


@pytest.mark.parametrize(
    "patch",
    [
        {"spec": {"template": {"spec": {"containers": [{"name": "c", "securityContext": {"privileged": True}}]}}}},
        [{"op": "add", "path": "/spec/template/spec/containers/0/securityContext", "value": {"privileged": True}}],
        [{"op": "replace", "path": "/spec/template/spec/containers/3/securityContext/privileged", "value": True}],
        [
            {
                "op": "add",
                "path": "/spec/template/spec/initContainers/-",
                "value": {"securityContext": {"privileged": True}},
            }
        ],
        [{"op": "replace", "path": "/spec", "value": {"template": {"spec": DANGEROUS}}}],
    ],
)
def test_a_patch_fragment_is_read_as_far_as_it_tells(look_at: Any, patch: Any) -> None:
    look = look_at(verb="patch", objectRef={"apiGroup": "apps", "resource": "deployments"}, requestObject=patch)
    assert containers.privileged(look) is True
    assert podspec.origin(look) == "patch"


def test_a_pod_level_fragment_without_containers_is_read(look_at: Any) -> None:
    patch = [{"op": "add", "path": "/spec/template/spec/hostNetwork", "value": True}]
    look = look_at(verb="patch", objectRef={"apiGroup": "apps", "resource": "daemonsets"}, requestObject=patch)
    assert podspec.pod_flag(look, "hostNetwork") is True


def test_the_whole_object_in_the_answer_is_preferred_to_the_patch(look_at: Any) -> None:
    look = look_at(
        verb="patch",
        objectRef={"apiGroup": "apps", "resource": "deployments"},
        requestObject={"metadata": {"labels": {"a": "b"}}},
        responseObject={"kind": "Deployment", "metadata": {}, "spec": {"template": template(DANGEROUS)}},
    )
    assert containers.privileged(look) is True
    assert podspec.origin(look) == "responseObject"


def test_a_rejected_patch_is_judged_by_what_it_asked_for(look_at: Any) -> None:
    look = look_at(
        verb="patch",
        objectRef={"resource": "pods"},
        requestObject={"spec": DANGEROUS},
        responseObject={"kind": "Status", "metadata": {}, "code": 403},
    )
    assert containers.privileged(look) is True


def test_the_last_applied_annotation_is_no_source(look_at: Any) -> None:
    applied = '{"spec":{"containers":[{"securityContext":{"privileged":true}}]}}'
    body = {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}}, "spec": {}}
    assert containers.privileged(look_at(**workload("", "pods", body))) is False


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/", "/"),
        ("//etc//", "/etc"),
        ("/etc/", "/etc"),
        ("/var/lib/../../etc/./shadow", "/etc/shadow"),
        ("/../..", "/"),
        ("/var/run/docker.sock", "/run/docker.sock"),
        ("/var/run/", "/run"),
        ("/var/runaway", "/var/runaway"),
        ("/var//run/../run/x", "/run/x"),
        ("etc", "/etc"),
    ],
)
def test_paths_are_normalised(path: str, normal: str) -> None:
    assert podspec.normal_path(path) == normal


def test_mounted_paths_of_the_node_are_listed_once(look_at: Any) -> None:
    volumes: Any = [
        {"hostPath": {"path": "/etc/"}},
        {"hostPath": {"path": "//etc"}},
        {"hostPath": {"path": ""}},
        {"hostPath": 1},
        {"emptyDir": {}},
        3,
    ]
    assert podspec.host_paths(look_at(**workload("", "pods", {"spec": {"volumes": volumes}}))) == ("/etc",)


def test_the_mirror_of_a_static_pod_is_told_by_its_annotation(look_at: Any) -> None:
    body = {"metadata": {"annotations": {podspec.MIRROR: "abc"}}, "spec": {}}
    look = look_at(**workload("", "pods", body))
    assert podspec.mirror(look) is True
    assert podspec.annotations(look) == (f"{podspec.MIRROR}=abc",)
    assert podspec.mirror(look_at(**workload("", "pods", {"spec": {}}))) is False


def test_annotations_are_those_of_the_template(look_at: Any) -> None:
    body = {"metadata": {"annotations": {"outer": "1"}}, "spec": {"template": template(DANGEROUS)}}
    assert podspec.annotations(look_at(**workload("apps", "deployments", body))) == ("a=b",)


def test_a_generated_name_is_read_from_the_answer(look_at: Any) -> None:
    request = {"metadata": {"generateName": "x-"}, "spec": {}}
    members = workload("", "pods", request)
    assert podspec.names(look_at(**members)) == ()
    assert podspec.names(look_at(**members, responseObject={"metadata": {"name": "x-abc"}})) == ("x-abc",)
    assert podspec.names(look_at(**workload("", "pods", {"metadata": {"name": "p"}, "spec": {}}))) == ("p",)


def test_both_spellings_of_the_service_account_are_read(look_at: Any) -> None:
    look = look_at(**workload("", "pods", {"spec": {"serviceAccountName": "a", "serviceAccount": "b"}}))
    assert podspec.service_account(look) == ("a", "b")


VIEWS = [
    podspec.origin,
    podspec.names,
    podspec.annotations,
    podspec.mirror,
    podspec.service_account,
    podspec.host_paths,
    containers.images,
    containers.names,
    containers.privileged,
    containers.allow_privilege_escalation,
    containers.run_as_root,
    containers.host_process,
    containers.interactive,
    containers.capabilities,
    containers.host_ports,
    containers.proc_mount,
    containers.seccomp,
    containers.apparmor,
    containers.commands,
    containers.environment,
]


@given(JSON, st.sampled_from(["create", "patch"]), st.sampled_from(["pods", "deployments", "cronjobs", "things"]))
@settings(max_examples=200)
def test_any_body_is_survived_by_every_view(look_at: Any, body: Any, verb: str, resource: str) -> None:
    look = look_at(verb=verb, objectRef={"resource": resource}, requestObject=body, responseObject=body)
    for view in VIEWS:
        view(look)
    podspec.pod_flag(look, "hostPID")
