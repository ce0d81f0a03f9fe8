"""What containers ask for: any container of the three lists."""

from typing import Any

import pytest

from kwho.views import containers

LISTS = ["containers", "initContainers", "ephemeralContainers"]


@pytest.fixture
def pod(look_at: Any) -> Any:
    def build(spec: Any, annotations: Any = None) -> Any:
        body = {"metadata": {"annotations": annotations}, "spec": spec}
        return look_at(verb="create", objectRef={"resource": "pods"}, requestObject=body)

    return build


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize(
    ("view", "context"),
    [
        (containers.privileged, {"privileged": True}),
        (containers.allow_privilege_escalation, {"allowPrivilegeEscalation": True}),
        (containers.run_as_root, {"runAsUser": 0}),
        (containers.run_as_root, {"runAsNonRoot": False}),
        (containers.host_process, {"windowsOptions": {"hostProcess": True}}),
    ],
)
def test_one_container_of_any_list_is_enough(pod: Any, key: str, view: Any, context: Any) -> None:
    assert view(pod({key: [{"name": "good"}, {"name": "other", "securityContext": context}]})) is True
    assert view(pod({key: [{"name": "good"}]})) is False
    assert view(pod({})) is False


@pytest.mark.parametrize(
    ("view", "context"),
    [(containers.run_as_root, {"runAsUser": 0}), (containers.host_process, {"windowsOptions": {"hostProcess": True}})],
)
def test_the_context_of_the_pod_counts_too(pod: Any, view: Any, context: Any) -> None:
    assert view(pod({"securityContext": context})) is True


@pytest.mark.parametrize("value", ["true", 1, None, [True], {"a": True}])
def test_a_flag_of_another_type_is_not_set(pod: Any, value: Any) -> None:
    spec = {"containers": [{"securityContext": {"privileged": value, "runAsUser": False, "runAsNonRoot": 0}}]}
    assert containers.privileged(pod(spec)) is False
    assert containers.run_as_root(pod(spec)) is False


def test_capabilities_are_upper_case_without_prefix(pod: Any) -> None:
    added = {"capabilities": {"add": ["CAP_SYS_ADMIN", "sys_admin", "cap_net_raw", "ALL", 7], "drop": ["KILL"]}}
    assert containers.capabilities(pod({"initContainers": [{"securityContext": added}]})) == (
        "SYS_ADMIN",
        "NET_RAW",
        "ALL",
    )


def test_a_terminal_needs_input_and_tty_in_one_container(pod: Any) -> None:
    assert containers.interactive(pod({"containers": [{"stdin": True}, {"tty": True}]})) is False
    assert containers.interactive(pod({"containers": [{"stdin": True, "tty": True}]})) is True


def test_host_ports_are_positive_integers(pod: Any) -> None:
    ports = [{"hostPort": 80}, {"hostPort": 0}, {"hostPort": True}, {"hostPort": "443"}, {"containerPort": 1}, 5]
    assert containers.host_ports(pod({"containers": [{"ports": ports}, {"ports": ports}]})) == (80,)


def test_proc_mount_is_listed(pod: Any) -> None:
    assert containers.proc_mount(pod({"containers": [{"securityContext": {"procMount": "Unmasked"}}]})) == ("Unmasked",)


def test_profiles_come_from_pod_containers_and_older_annotations(pod: Any) -> None:
    spec = {
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "Unconfined"}},
        "containers": [{"securityContext": {"seccompProfile": {"type": "Unconfined"}}}],
    }
    annotations = {
        "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
        "container.seccomp.security.alpha.kubernetes.io/c": "docker/default",
        "container.apparmor.security.beta.kubernetes.io/c": "unconfined",
        "other": "x",
    }
    look = pod(spec, annotations)
    assert containers.seccomp(look) == ("RuntimeDefault", "Unconfined", "unconfined", "docker/default")
    assert containers.apparmor(look) == ("Unconfined", "unconfined")


def test_commands_are_those_of_containers_hooks_and_probes(pod: Any) -> None:
    spec = {
        "containers": [
            {
                "command": ["sh", "-c"],
                "args": ["id", 3],
                "lifecycle": {"postStart": {"exec": {"command": ["a", "b"]}}, "preStop": {"exec": {"command": ["c"]}}},
                "livenessProbe": {"exec": {"command": ["d"]}},
                "readinessProbe": {"httpGet": {}},
                "startupProbe": {"exec": {"command": "e"}},
            }
        ],
        "initContainers": [{"args": ["only", "args"]}],
    }
    assert containers.commands(pod(spec)) == ("sh -c id", "a b", "c", "d", "only args")


def test_images_and_names_are_listed_once(pod: Any) -> None:
    one = {"name": "c", "image": "example.com/app:1"}
    look = pod(
        {"containers": [one, one, {"image": 5}], "initContainers": [{"name": "i", "image": "example.com/init:1"}]}
    )
    assert containers.images(look) == ("example.com/app:1", "example.com/init:1")
    assert containers.names(look) == ("c", "i")


def test_only_literal_variables_are_listed(pod: Any) -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "C", "valueFrom": {}}, {"value": 2}]
    assert containers.environment(pod({"containers": [{"env": env}]})) == ("A=1", "B=", "=")


def test_without_a_pod_every_list_is_empty_and_every_flag_unknown(look_at: Any) -> None:
    look = look_at(verb="get", objectRef={"resource": "pods"})
    lists = [containers.images, containers.names, containers.capabilities, containers.host_ports, containers.proc_mount,
             containers.seccomp, containers.apparmor, containers.commands, containers.environment]  # fmt: skip
    assert all(view(look) == () for view in lists)
    flags = [containers.privileged, containers.run_as_root, containers.host_process, containers.interactive]
    assert all(view(look) is None for view in flags)


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("nginx", "docker.io/library"),
        ("nginx:1.29@sha256:00", "docker.io/library"),
        ("shop/web:1", "docker.io/shop"),
        ("ghcr.io/shop/web/api:1", "ghcr.io/shop"),
        ("registry.k8s.io/pause:3.9", "registry.k8s.io"),
        ("localhost:5000/web", "localhost:5000"),
        ("localhost/web", "localhost"),
        ("", "docker.io/library"),
    ],
)
def test_a_registry_is_told_with_its_organisation(image: str, registry: str) -> None:
    assert containers.registry_of(image) == registry
