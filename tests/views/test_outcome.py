"""What became of a request: code first, decision second."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.schema.event import Event, Status
from kwho.schema.record import Context
from kwho.views import Look, outcome

ALLOW = {"authorization.k8s.io/decision": "allow"}
FORBID = {"authorization.k8s.io/decision": "forbid"}


@pytest.mark.parametrize(
    ("code", "annotations", "expected"),
    [
        (200, ALLOW, "success"),
        (201, None, "success"),
        (299, FORBID, "success"),
        (304, ALLOW, "success"),
        (101, ALLOW, "success"),
        (401, None, "unauthenticated"),
        (401, ALLOW, "unauthenticated"),
        (403, FORBID, "forbidden"),
        (403, None, "forbidden"),
        (403, ALLOW, "rejected"),
        (400, ALLOW, "rejected"),
        (422, ALLOW, "rejected"),
        (400, None, "failed"),
        (422, FORBID, "failed"),
        (302, ALLOW, "failed"),
        (404, ALLOW, "failed"),
        (409, ALLOW, "failed"),
        (429, None, "failed"),
        (500, ALLOW, "failed"),
        (599, None, "failed"),
        (600, None, "unknown"),
        (100, None, "unknown"),
        (0, None, "unknown"),
        (-1, None, "unknown"),
    ],
)
def test_the_code_decides_and_the_annotation_tells_refusals_apart(
    look_at: Any, code: int, annotations: dict[str, str] | None, expected: str
) -> None:
    look = look_at(stage="ResponseComplete", verb="get", responseStatus={"code": code}, annotations=annotations)
    assert outcome.outcome(look) == expected


def test_a_decision_without_a_code_is_no_outcome(look_at: Any) -> None:
    assert outcome.outcome(look_at(stage="ResponseComplete", annotations=ALLOW)) == "unknown"
    assert outcome.outcome(look_at(stage="ResponseComplete", responseStatus={}, annotations=ALLOW)) == "unknown"


def test_a_client_that_vanished_got_an_unknown_answer(look_at: Any) -> None:
    status = {"code": 200, "status": "Success", "message": "Connection closed early"}
    assert outcome.outcome(look_at(stage="ResponseComplete", responseStatus=status)) == "unknown"
    status["message"] = "connection closed early"
    assert outcome.outcome(look_at(stage="ResponseComplete", responseStatus=status)) == "success"


def test_a_panic_is_a_failure_whatever_its_code(look_at: Any) -> None:
    assert outcome.outcome(look_at(stage="Panic", responseStatus={"code": 200})) == "failed"
    assert outcome.outcome(look_at(stage="Panic")) == "failed"


@pytest.mark.parametrize("code", [101, 200])
def test_an_accepted_stream_is_open_until_it_completes(look_at: Any, code: int) -> None:
    ref = {"resource": "pods", "subresource": "exec"}
    look = look_at(stage="ResponseStarted", verb="get", objectRef=ref, responseStatus={"code": code})
    assert outcome.outcome(look) == "open"
    assert outcome.accepted(look)
    done = look_at(stage="ResponseComplete", verb="get", objectRef=ref, responseStatus={"code": code})
    assert outcome.outcome(done) == "success"


def test_a_failed_authentication_is_judged_at_response_started(look_at: Any) -> None:
    look = look_at(stage="ResponseStarted", verb="get", user={}, responseStatus={"code": 401})
    assert outcome.outcome(look) == "unauthenticated"
    assert not outcome.accepted(look)


def test_a_stream_that_was_refused_at_its_start_is_refused(look_at: Any) -> None:
    look = look_at(stage="ResponseStarted", verb="watch", responseStatus={"code": 403}, annotations=FORBID)
    assert outcome.outcome(look) == "forbidden"


@pytest.mark.parametrize(
    ("verb", "subresource", "expected"),
    [
        ("watch", None, "open"),
        ("proxy", None, "open"),
        ("get", "log", "open"),
        ("create", "portforward", "open"),
        ("get", None, "unknown"),
    ],
)
def test_only_long_running_requests_are_open_when_received(
    look_at: Any, verb: str, subresource: str | None, expected: str
) -> None:
    look = look_at(stage="RequestReceived", verb=verb, objectRef={"resource": "pods", "subresource": subresource})
    assert outcome.outcome(look) == expected


def test_a_started_response_without_a_code_is_open(look_at: Any) -> None:
    assert outcome.outcome(look_at(stage="ResponseStarted", verb="watch")) == "open"


def test_a_non_resource_request_that_was_received_is_unknown(look_at: Any) -> None:
    assert outcome.outcome(look_at(stage="RequestReceived", verb="get", requestURI="/version")) == "unknown"


@pytest.mark.parametrize(("word", "expected"), [("allow", "success"), ("deny", "unauthenticated"), ("error", "failed")])
def test_the_login_server_of_openshift_decides_by_annotation(look_at: Any, word: str, expected: str) -> None:
    look = look_at(
        stage="ResponseComplete",
        verb="post",
        requestURI="/login/htpasswd",
        responseStatus={"code": 302},
        annotations={outcome.LOGIN_DECISION: word, **ALLOW},
    )
    assert outcome.outcome(look) == expected
    assert outcome.answer(look) == "failed"


def test_an_admission_webhook_cannot_pose_as_the_login_server(look_at: Any) -> None:
    look = look_at(
        stage="ResponseComplete",
        verb="create",
        objectRef={"resource": "pods"},
        responseStatus={"code": 201},
        annotations={outcome.LOGIN_DECISION: "deny"},
    )
    assert outcome.outcome(look) == "success"


def test_an_unknown_login_decision_leaves_the_code_to_decide(look_at: Any) -> None:
    look = look_at(stage="ResponseComplete", responseStatus={"code": 200}, annotations={outcome.LOGIN_DECISION: "?"})
    assert outcome.outcome(look) == "success"


@pytest.mark.parametrize("verb", ["create", "update", "patch"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dryRun=All", True),
        ("%64ryRun=%41ll&x=1", True),
        ("fieldManager=a&dryRun=All", True),
        ("x=dryRun=All", False),
        ("dryRun=all", False),
        ("dryRun=", False),
        ("dryrun=All", False),
        ("a;dryRun=All", False),
    ],
)
def test_the_decoded_query_makes_a_write_dry(look_at: Any, verb: str, query: str, expected: bool) -> None:
    look = look_at(
        stage="ResponseComplete",
        verb=verb,
        requestURI=f"/api/v1/namespaces/a/pods?{query}",
        responseStatus={"code": 200},
    )
    assert outcome.dry_run(look) is expected
    assert outcome.outcome(look) == ("dry_run" if expected else "success")
    assert outcome.answer(look) == "success"


@pytest.mark.parametrize("verb", ["delete", "deletecollection"])
def test_a_deletion_is_never_excused_by_its_uri(look_at: Any, verb: str) -> None:
    members = {
        "stage": "ResponseComplete",
        "verb": verb,
        "requestURI": "/api/v1/x?dryRun=All",
        "responseStatus": {"code": 200},
    }
    assert outcome.outcome(look_at(**members)) == "success"
    assert outcome.outcome(look_at(**members, requestObject={"kind": "DeleteOptions"})) == "success"


@pytest.mark.parametrize("verb", ["delete", "deletecollection"])
def test_the_body_makes_a_deletion_dry(look_at: Any, verb: str) -> None:
    look = look_at(stage="ResponseComplete", verb=verb, responseStatus={"code": 200}, requestObject={"dryRun": ["All"]})
    assert outcome.outcome(look) == "dry_run"


@pytest.mark.parametrize("body", [{"dryRun": "All"}, {"dryRun": [1]}, ["All"], "All", b"\xff{", {"dryRun": None}])
def test_a_malformed_body_does_not_make_a_deletion_dry(look_at: Any, body: object) -> None:
    assert not outcome.dry_run(look_at(verb="delete", requestObject=body))


def test_a_read_is_never_dry_and_a_refused_dry_run_is_refused(look_at: Any) -> None:
    assert not outcome.dry_run(look_at(verb="get", requestURI="/api?dryRun=All"))
    look = look_at(stage="ResponseComplete", verb="create", requestURI="/x?dryRun=All", responseStatus={"code": 403})
    assert outcome.outcome(look) == "forbidden"


@given(st.none() | st.text(max_size=6), st.none() | st.text(max_size=6), st.none() | st.integers(), st.booleans())
@settings(max_examples=50)
def test_every_event_has_an_outcome(stage: str | None, verb: str | None, code: int | None, status: bool) -> None:
    event = Event(stage=stage, verb=verb, responseStatus=Status(code=code) if status else None)
    assert outcome.outcome(Look(event, Context("native"))) in {
        "success", "unauthenticated", "forbidden", "rejected", "failed", "dry_run", "open", "unknown",
    }  # fmt: skip
