"""What the services of the lab answer."""

import json
import random

from lab.services import _guard, _metrics


def test_metrics_name_every_pod_of_the_namespace() -> None:
    path = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb"
    found = _metrics(path, lambda namespace: [f"{namespace}-a", f"{namespace}-b"], random.Random(1))
    assert found is not None
    assert [item["metadata"]["name"] for item in found["items"]] == ["shop-a", "shop-b"]
    assert found["items"][0]["containers"][0]["usage"]["cpu"].endswith("m")


def test_the_group_says_what_it_holds() -> None:
    found = _metrics("/apis/metrics.k8s.io/v1beta1?timeout=32s", lambda _n: [], random.Random(1))
    assert found is not None
    assert found["resources"][0]["name"] == "pods"


def test_an_unknown_path_is_not_found() -> None:
    assert _metrics("/metrics", lambda _n: [], random.Random(1)) is None


def test_the_guard_allows_and_notes_the_registry() -> None:
    def review(image: str) -> bytes:
        request = {"uid": "u", "object": {"spec": {"containers": [{"image": image}]}}}
        return json.dumps({"apiVersion": "admission.k8s.io/v1", "request": request}).encode()

    known, foreign = _guard("/validate", review("registry.example.com/a:1")), _guard("/validate", review("alpine"))
    assert known is not None
    assert foreign is not None
    answer = known["response"]
    assert (answer["uid"], answer["allowed"], answer["auditAnnotations"]["images"]) == ("u", True, "known")
    assert foreign["response"]["auditAnnotations"]["images"] == "unknown registry"


def test_the_guard_does_not_answer_what_is_no_review() -> None:
    assert _guard("/apis/insights.example.net/v1", b"") is None
