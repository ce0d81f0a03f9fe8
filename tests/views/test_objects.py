"""What other written objects say."""

from typing import Any

import pytest

from kwho.views import objects


@pytest.mark.parametrize(
    ("ref", "target", "kind"),
    [
        ({"resource": "pods"}, "pods", "core/pods"),
        ({"resource": "pods", "subresource": "exec"}, "pods/exec", "core/pods/exec"),
        (
            {"resource": "deployments", "apiGroup": "apps", "subresource": "scale"},
            "deployments/scale",
            "apps/deployments/scale",
        ),
        ({"name": "x"}, None, None),
        (None, None, None),
    ],
)
def test_the_target_is_resource_and_subresource(look_at: Any, ref: Any, target: Any, kind: Any) -> None:
    look = look_at(objectRef=ref)
    assert objects.target(look) == target
    assert objects.target_kind(look) == kind


def created(look_at: Any, resource: str, body: Any, group: str = "") -> Any:
    return look_at(verb="create", objectRef={"resource": resource, "apiGroup": group}, requestObject=body)


def test_labels_annotations_and_owners_of_any_object_are_read(look_at: Any) -> None:
    metadata = {
        "labels": {"a": "b", "n": 1},
        "annotations": {"c": "d"},
        "ownerReferences": [{"kind": "Job"}, {"kind": "Job"}, 3],
    }
    look = created(look_at, "things", {"metadata": metadata})
    assert objects.labels(look) == ("a=b",)
    assert objects.annotations(look) == ("c=d",)
    assert objects.owner_kinds(look) == ("Job",)
    assert objects.namespace_labels(look) == ()


def test_labels_of_a_namespace_are_its_own_field(look_at: Any) -> None:
    body = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    assert objects.namespace_labels(created(look_at, "namespaces", body)) == (
        "pod-security.kubernetes.io/enforce=privileged",
    )


def test_a_label_set_by_json_patch_is_read(look_at: Any) -> None:
    operation = {"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce", "value": "privileged"}
    look = look_at(verb="patch", objectRef={"resource": "namespaces"}, requestObject=[operation])
    assert objects.namespace_labels(look) == ("pod-security.kubernetes.io/enforce=privileged",)


def test_type_and_external_addresses_of_a_service_are_read(look_at: Any) -> None:
    look = created(look_at, "services", {"spec": {"type": "NodePort", "externalIPs": ["203.0.113.4", 5]}})
    assert objects.service_type(look) == "NodePort"
    assert objects.external_ips(look) == ("203.0.113.4",)


def test_a_service_of_another_group_is_none(look_at: Any) -> None:
    look = created(
        look_at, "services", {"spec": {"type": "NodePort", "externalIPs": ["203.0.113.4"]}}, "serving.example.com"
    )
    assert objects.service_type(look) is None
    assert objects.external_ips(look) == ()


@pytest.mark.parametrize("resource", ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"])
def test_where_webhooks_point_is_read(look_at: Any, resource: str) -> None:
    webhooks = [
        {"clientConfig": {"url": "https://hooks.example.com/x"}, "failurePolicy": "Ignore"},
        {"clientConfig": {"service": {"namespace": "a", "name": "b"}}, "failurePolicy": "Fail"},
        {"clientConfig": {"service": {"path": "/"}}},
        {"clientConfig": "x"},
        None,
    ]
    look = created(look_at, resource, {"webhooks": webhooks}, "admissionregistration.k8s.io")
    assert objects.webhook_urls(look) == ("https://hooks.example.com/x",)
    assert objects.webhook_services(look) == ("a/b", "/")
    assert objects.webhook_failure_policies(look) == ("Ignore", "Fail")


def test_other_objects_have_no_webhooks(look_at: Any) -> None:
    look = created(look_at, "things", {"webhooks": [{"failurePolicy": "Ignore"}]})
    assert objects.webhook_urls(look) == objects.webhook_services(look) == objects.webhook_failure_policies(look) == ()


@pytest.mark.parametrize("body", [None, 3, "x", [], {"metadata": [], "spec": "x", "webhooks": {}}])
@pytest.mark.parametrize("resource", ["services", "namespaces", "mutatingwebhookconfigurations"])
def test_malformed_objects_read_as_empty(look_at: Any, resource: str, body: Any) -> None:
    look = created(look_at, resource, body, "admissionregistration.k8s.io" if "webhook" in resource else "")
    assert (
        objects.labels(look)
        == objects.annotations(look)
        == objects.owner_kinds(look)
        == objects.namespace_labels(look)
        == ()
    )
    assert objects.service_type(look) is None
    assert objects.external_ips(look) == objects.webhook_urls(look) == objects.webhook_services(look) == ()


def test_an_object_is_named_with_its_namespace(look_at: Any) -> None:
    assert objects.key(look_at(objectRef={"resource": "pods", "namespace": "a", "name": "b"})) == "a/b"
    assert objects.key(look_at(objectRef={"resource": "nodes", "name": "b"})) == "b"
    assert objects.key(look_at(objectRef={"resource": "pods", "namespace": "a"})) is None
    assert objects.key(look_at()) is None
