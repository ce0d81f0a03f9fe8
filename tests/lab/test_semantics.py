"""How a real API server audits, sentence by sentence; each test says whether it was replayed or live."""

import os
import re
from typing import Any

import pytest
from lab.observation import Observation

ORDINARY = ["RequestReceived", "ResponseComplete"]
LONG = ["RequestReceived", "ResponseStarted", "ResponseComplete"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

Event = dict[str, Any]


def decision(event: Event) -> str | None:
    found: str | None = event.get("annotations", {}).get("authorization.k8s.io/decision")
    return found


def test_a_real_server_was_asked() -> None:
    if os.environ.get("KWHO_LAB") != "live":
        pytest.skip("every sentence was replayed; KWHO_LAB=live asks a real API server")


class TestStages:
    def test_an_ordinary_request_is_received_and_complete(self, observation: Observation) -> None:
        assert observation.stages("reads") == ORDINARY

    @pytest.mark.parametrize("number", [0, 1])
    def test_a_watch_is_started_too_also_by_the_old_path(self, observation: Observation, number: int) -> None:
        assert observation.stages("watch", number) == LONG
        assert observation.last("watch", number)["verb"] == "watch"

    def test_reading_a_log_is_long_running_even_without_following(self, observation: Observation) -> None:
        assert observation.stages("log") == LONG
        assert observation.last("log")["verb"] == "get"

    @pytest.mark.parametrize("act", ["expired-login", "wrong-token"])
    def test_a_401_is_response_started_and_nothing_else(self, observation: Observation, act: str) -> None:
        (event,) = observation.events(act)
        assert (event["stage"], event["user"], event["responseStatus"]["code"]) == ("ResponseStarted", {}, 401)
        assert event["responseStatus"]["message"] == "Unauthorized"
        assert decision(event) is None

    def test_a_bad_timeout_is_response_started_without_a_user_although_the_login_was_good(
        self, observation: Observation
    ) -> None:
        (event,) = observation.events("bad-timeout")
        assert (event["stage"], event["user"], event["responseStatus"]["code"]) == ("ResponseStarted", {}, 400)

    def test_both_times_of_request_received_are_equal(self, observation: Observation) -> None:
        early = [event for event in observation.log if event["stage"] == "RequestReceived"]
        assert early
        assert all(event["requestReceivedTimestamp"] == event["stageTimestamp"] for event in early)

    def test_times_have_six_digits_and_are_utc(self, observation: Observation) -> None:
        names = ("requestReceivedTimestamp", "stageTimestamp")
        assert all(TIME.fullmatch(event[name]) for event in observation.log for name in names)

    def test_request_received_knows_no_decision(self, observation: Observation) -> None:
        assert all(decision(event) is None for event in observation.log if event["stage"] == "RequestReceived")

    def test_the_log_is_in_the_order_of_stages_not_of_requests(self, observation: Observation) -> None:
        watched = observation.events("watch")
        assert watched[-1]["requestReceivedTimestamp"] < watched[-1]["stageTimestamp"]
        assert observation.log.index(watched[-1]) > observation.log.index(watched[1])


class TestIdentity:
    def test_basic_authentication_is_ignored_so_the_caller_is_anonymous(self, observation: Observation) -> None:
        event = observation.last("basic-auth")
        assert event["user"]["username"] == "system:anonymous"
        assert event["responseStatus"]["code"] == 403

    def test_anonymous_may_read_the_version_and_no_secrets(self, observation: Observation) -> None:
        version, secrets = observation.last("anonymous", 0), observation.last("anonymous", 1)
        assert (version["responseStatus"]["code"], "objectRef" in version) == (200, False)
        assert (secrets["responseStatus"]["code"], decision(secrets)) == (403, "forbid")
        assert secrets["user"]["groups"] == ["system:unauthenticated"]

    def test_the_audit_id_is_the_clients_to_choose(self, observation: Observation) -> None:
        events = observation.events("reused-id")
        assert {event["verb"] for event in events} == {"get", "delete"}
        assert len(observation.last("any-id")["auditID"]) > 300

    def test_only_the_last_source_address_is_not_a_claim(self, observation: Observation) -> None:
        assert observation.last("forwarded")["sourceIPs"] == ["10.9.8.7", "10.9.8.6", "10.9.8.5", "203.0.113.77"]

    def test_a_long_user_agent_is_cut(self, observation: Observation) -> None:
        assert observation.last("long-agent")["userAgent"] == "a" * 1024 + "...TRUNCATED"

    def test_allowed_impersonation_names_both(self, observation: Observation) -> None:
        event = observation.last("impersonation", 0)
        assert event["user"]["username"] == "kubernetes-admin"
        assert event["impersonatedUser"]["username"] == "reader"
        assert decision(event) == "allow"

    def test_impersonating_a_group_without_a_user_is_400(self, observation: Observation) -> None:
        event = observation.last("impersonation", 1)
        assert event["responseStatus"]["code"] == observation.code("impersonation", 1)
        assert "impersonatedUser" not in event
        assert decision(event) is None

    def test_refused_impersonation_has_neither_the_target_nor_a_decision(self, observation: Observation) -> None:
        event = observation.last("impersonation", 2)
        assert event["responseStatus"]["code"] == 403
        assert "impersonatedUser" not in event
        assert decision(event) is None

    def test_before_constrained_impersonation_the_message_names_the_target(self, observation: Observation) -> None:
        message = observation.last("impersonation", 2)["responseStatus"]["message"]
        assert ("cannot impersonate resource" in message) == (observation.version < (1, 36))

    def test_an_issued_token_is_known_again_by_its_id(self, observation: Observation) -> None:
        issued = observation.last("token", 0)["annotations"]["authentication.kubernetes.io/issued-credential-id"]
        used = observation.last("token", 1)["user"]["extra"]["authentication.kubernetes.io/credential-id"]
        assert used == [issued]
        assert issued.startswith("JTI=")

    def test_a_token_that_never_expires_is_marked_and_has_no_id(self, observation: Observation) -> None:
        event = observation.last("legacy-token")
        assert event["annotations"]["authentication.k8s.io/legacy-token"] == "system:serviceaccount:library:default"
        assert event["annotations"]["authentication.k8s.io/legacy-token-manual-secret"] == "card"
        assert "extra" not in event["user"]

    def test_a_client_certificate_has_an_id_since_1_32(self, observation: Observation) -> None:
        extra = observation.last("reads")["user"].get("extra", {})
        assert ("authentication.kubernetes.io/credential-id" in extra) == (observation.version >= (1, 32))

    def test_a_member_of_system_masters_is_allowed_for_no_reason(self, observation: Observation) -> None:
        notes = observation.last("reads")["annotations"]
        assert (notes["authorization.k8s.io/decision"], notes["authorization.k8s.io/reason"]) == ("allow", "")


class TestBodies:
    def test_a_forbidden_request_has_no_body(self, observation: Observation) -> None:
        event = observation.last("forbidden")
        assert (event["responseStatus"]["code"], decision(event)) == (403, "forbid")
        assert "requestObject" not in event

    def test_a_generated_name_is_only_in_the_response(self, observation: Observation) -> None:
        event = observation.last("generated-name")
        assert "name" not in event["objectRef"]
        assert event["responseObject"]["metadata"]["name"].startswith("page-")

    def test_the_name_of_a_created_object_comes_with_the_body(self, observation: Observation) -> None:
        received, complete = observation.events("named")
        assert "name" not in received["objectRef"]
        assert complete["objectRef"]["name"] == "named"

    def test_an_apply_that_creates_is_a_patch_with_201(self, observation: Observation) -> None:
        event = observation.last("apply-json")
        assert (event["verb"], event["responseStatus"]["code"]) == ("patch", 201)

    def test_a_field_selector_on_the_name_is_the_name(self, observation: Observation) -> None:
        assert observation.last("selected")["objectRef"]["name"] == "book"

    def test_a_table_of_secrets_holds_no_values_and_a_list_does(self, observation: Observation) -> None:
        table, whole = observation.last("table", 0), observation.last("table", 1)
        assert table["responseObject"]["kind"] == "Table"
        assert whole["responseObject"]["kind"] == "SecretList"
        assert any("token" in item["data"] for item in whole["responseObject"]["items"])
        assert all("data" not in row["object"] for row in table["responseObject"]["rows"])

    def test_the_body_of_a_patch_is_the_patch(self, observation: Observation) -> None:
        assert isinstance(observation.last("patches", 0)["requestObject"], list)
        assert observation.last("patches", 1)["requestObject"] == {"data": {"b": "2"}}

    def test_the_options_of_a_delete_have_an_odd_version(self, observation: Observation) -> None:
        body = observation.last("deletes")["requestObject"]
        assert (body["kind"], body["apiVersion"]) == ("DeleteOptions", "meta.k8s.io/__internal")

    def test_a_dry_run_creates_nothing_and_its_look_alike_does(self, observation: Observation) -> None:
        assert [code for _, code in observation.acts["dry-runs"][:4]] == [201, 404, 201, 200]

    def test_a_delete_with_a_body_ignores_the_dry_run_of_its_address(self, observation: Observation) -> None:
        assert "dryRun=All" in observation.last("dry-runs", 4)["requestURI"]
        assert [code for _, code in observation.acts["dry-runs"][4:]] == [200, 404]

    def test_up_to_1_36_a_broken_patch_leaves_only_request_received(self, observation: Observation) -> None:
        assert observation.code("broken-patch") == 400
        assert observation.stages("broken-patch") == ["RequestReceived"]

    def test_up_to_1_36_an_apply_in_yaml_leaves_only_request_received(self, observation: Observation) -> None:
        assert observation.code("apply-yaml", 0) == 201
        assert observation.code("apply-yaml", 1) == 200
        assert observation.stages("apply-yaml", 0) == ["RequestReceived"]

    def test_the_webhook_loses_the_whole_batch_of_such_an_apply(self, observation: Observation) -> None:
        assert observation.stages("apply-yaml", 1) == ORDINARY
        assert observation.received("apply-yaml", 1) == []


class TestStreams:
    def test_exec_by_websocket_is_a_get_with_101_in_three_stages(self, observation: Observation) -> None:
        assert observation.stages("exec-websocket") == LONG
        event = observation.last("exec-websocket")
        assert (event["verb"], event["responseStatus"]["code"]) == ("get", 101)
        assert event["objectRef"]["subresource"] == "exec"

    def test_exec_by_spdy_is_a_create(self, observation: Observation) -> None:
        event = observation.last("exec-spdy")
        assert (event["verb"], event["responseStatus"]["code"]) == ("create", 101)

    def test_the_command_is_in_the_address_as_it_was_sent(self, observation: Observation) -> None:
        assert "command=ls&command=%2Fa+b" in observation.last("exec-websocket")["requestURI"]

    def test_exec_into_a_missing_pod_is_started_and_404(self, observation: Observation) -> None:
        assert observation.stages("exec-missing") == LONG
        assert observation.last("exec-missing")["responseStatus"]["code"] == 404


class TestAdmission:
    def test_what_pod_security_refuses_was_allowed_by_authorization_and_has_its_body(
        self, observation: Observation
    ) -> None:
        event = observation.last("pod-security", 0)
        assert (event["responseStatus"]["code"], decision(event)) == (403, "allow")
        assert event["requestObject"]["spec"]["hostNetwork"] is True

    def test_pod_security_says_which_level_it_enforced(self, observation: Observation) -> None:
        notes = observation.last("pod-security", 1)["annotations"]
        assert notes["pod-security.kubernetes.io/enforce-policy"] == "baseline:latest"
        assert "pod-security.kubernetes.io/audit-violations" in notes

    def test_a_template_has_violations_and_is_not_refused(self, observation: Observation) -> None:
        event = observation.last("template")
        assert event["responseStatus"]["code"] == 201
        assert "pod-security.kubernetes.io/audit-violations" in event["annotations"]

    def test_a_webhook_that_failed_open_is_named(self, observation: Observation) -> None:
        notes = observation.last("failed-open")["annotations"]
        assert notes["failed-open.validating.webhook.admission.k8s.io/round_0_index_0"] == "s.example.com"

    def test_a_binding_beyond_own_rights_is_refused(self, observation: Observation) -> None:
        assert observation.last("escalation")["responseStatus"]["code"] == 403

    def test_a_deprecated_api_is_marked(self, observation: Observation) -> None:
        notes = observation.last("deprecated")["annotations"]
        assert ("k8s.io/deprecated" in notes) == (observation.version >= (1, 33))


class TestAddresses:
    def test_head_is_a_get(self, observation: Observation) -> None:
        assert observation.last("urls", 0)["verb"] == "get"

    def test_percent_encoding_is_decoded_in_the_reference_only(self, observation: Observation) -> None:
        event = observation.last("urls", 1)
        assert event["requestURI"] == "/api/v1/namespaces/librar%79/configmaps/bo%6Fk"
        assert (event["objectRef"]["namespace"], event["objectRef"]["name"]) == ("library", "book")

    def test_an_unknown_resource_is_named_all_the_same(self, observation: Observation) -> None:
        event = observation.last("urls", 2)
        assert event["responseStatus"]["code"] == 404
        assert event["objectRef"]["resource"] == "unicorns"

    def test_options_has_an_empty_verb(self, observation: Observation) -> None:
        assert observation.last("urls", 3)["verb"] == ""

    def test_a_namespace_is_its_own_namespace(self, observation: Observation) -> None:
        reference = observation.last("urls", 4)["objectRef"]
        assert (reference["namespace"], reference["name"]) == ("library", "library")


class TestWebhook:
    def test_only_the_list_has_a_kind(self, observation: Observation) -> None:
        assert {(batch["kind"], batch["apiVersion"]) for batch in observation.batches} == {
            ("EventList", "audit.k8s.io/v1")
        }
        assert all("kind" not in item for batch in observation.batches for item in batch["items"])
        assert all(event["kind"] == "Event" for event in observation.log)

    def test_a_refused_batch_is_sent_again(self, observation: Observation) -> None:
        assert len(observation.refused) == 2
        assert len(observation.received("busy-receiver")) == len(ORDINARY)

    def test_a_receiver_that_needs_more_than_30_seconds_gets_the_batch_twice(self, observation: Observation) -> None:
        received = observation.received("slow-receiver")
        assert len(received) == 2 * len(ORDINARY)
        assert [received.count(item) for item in received] == [2] * len(received)
        assert observation.stages("slow-receiver") == ORDINARY

    def test_log_and_webhook_say_the_same(self, observation: Observation) -> None:
        for item in observation.received("reads"):
            assert item | {"kind": "Event", "apiVersion": "audit.k8s.io/v1"} in observation.events("reads")


class TestLogBackend:
    def test_where_it_truncates_a_long_event_loses_its_bodies_and_says_so(self, observation: Observation) -> None:
        event = observation.last("cut-short")
        assert event["annotations"]["audit.k8s.io/truncated"] == "true"
        assert not {"requestObject", "responseObject"} & event.keys()
        assert (event["level"], event["objectRef"]["name"]) == ("RequestResponse", "atlas")

    def test_the_other_backend_has_the_event_whole_and_says_that_it_is_cut(self, observation: Observation) -> None:
        (event,) = [item for item in observation.received("cut-short") if item["stage"] == "ResponseComplete"]
        assert len(event["responseObject"]["data"]["k"]) == 60_000
        assert event["annotations"]["audit.k8s.io/truncated"] == "true"

    def test_no_line_is_split_between_rotated_files(self, observation: Observation) -> None:
        assert observation.files > 1
        assert all(event["auditID"] for event in observation.log)
