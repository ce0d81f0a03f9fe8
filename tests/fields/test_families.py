"""Open families read whatever stands behind their prefix."""

from typing import Any

import pytest

from kwho.fields import find


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("annotations.mutation.webhook.admission.k8s.io/round_0_index_1", "{}"),
        ("annotations.absent", None),
        ("annotations.mutation.webhook.*", ("{}",)),
        ("annotations.absent.*", ()),
        ("user.extra.scopes.authorization.openshift.io", ("user:full",)),
        ("user.extra.absent", ()),
        ("impersonatedUser.extra.k", ("v",)),
        ("requestObject.spec.rules.host", ["a", "b"]),
        ("requestObject.spec.tls", ['{"x":1}']),
        ("requestObject.metadata.labels.app.kubernetes.io/name", ["web"]),
        ("requestObject.absent.path", []),
        ("responseObject.items.metadata.name", ["x", "y"]),
        ("uri.query.labelSelector", ("a=b",)),
        ("uri.query.absent", ()),
        ("responseStatus.details.kind", ["pods"]),
        ("authenticationMetadata.impersonationConstraint", ["impersonate:user-info"]),
    ],
)
def test_the_key_behind_the_prefix_is_read(look_at: Any, name: str, expected: Any) -> None:
    look = look_at(
        annotations={"mutation.webhook.admission.k8s.io/round_0_index_1": "{}"},
        user={"extra": {"scopes.authorization.openshift.io": ["user:full"]}},
        impersonatedUser={"extra": {"k": ["v"]}},
        requestURI="/x?labelSelector=a%3Db",
        requestObject={
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
            "spec": {"rules": [{"host": "a"}, {"host": "b"}], "tls": {"x": 1}},
        },
        responseObject={"items": [{"metadata": {"name": "x"}}, {"metadata": {"name": "y"}}]},
        responseStatus={"details": {"kind": "pods"}},
        authenticationMetadata={"impersonationConstraint": "impersonate:user-info"},
    )
    assert find(name).read(look) == expected


@pytest.mark.parametrize(
    "name",
    [
        "annotations.a",
        "user.extra.a",
        "impersonatedUser.extra.a",
        "requestObject.a",
        "responseObject.a",
        "uri.query.a",
        "responseStatus.details.a",
        "authenticationMetadata.a",
    ],
)
def test_an_empty_event_has_none_of_them(look_at: Any, name: str) -> None:
    assert not find(name).read(look_at())


def test_operations_of_a_json_patch_can_be_read(look_at: Any) -> None:
    look = look_at(verb="patch", requestObject=[{"op": "add", "path": "/a", "value": 1}])
    assert find("requestObject.path").read(look) == ["/a"]
