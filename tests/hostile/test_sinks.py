"""From the file to every output: nothing that a terminal obeys or a spreadsheet runs, and no planted secret."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kwho.cli import root
from kwho.outputs import converters, names, output

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
FORMULA = re.compile(r"\s*[=+\-@]")
POISON = (
    "\x1b[2J\x1b]0;owned\x07",
    "\u009b31m\u202etxt.exe\u2066\u200b",
    "=HYPERLINK(1)",
    "@SUM(1)|'<script>",
    "a\x00b\ud800",
    "\r\n\u2028x\u0085",
)
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
PLAIN = ("hunter2plain", "s3cretWord", "t0kenWord", "pem0Body", "c0okie5ecret", "clientpw77", "jsonpatchpw")
ENCODED = tuple(base64.b64encode(text.encode()).decode() for text in PLAIN[:2])
PLANTED = (*PLAIN, *ENCODED, JWT, "c2lnbmF0dXJl")
TEXTS = tuple(name for name in names() if not output(name).binary)

RULE = """\
title: Everything
id: 44444444-0000-4000-8000-000000000000
logsource: {product: kubernetes, service: audit}
detection:
  any: {verb: "*"}
  uri: {requestURI: "*"}
  message: {responseStatus.message|exists: true}
  data: {requestObject.data.password|exists: true}
  agent: {userAgent|contains: "e"}
  condition: any and (uri or message or data or agent)
level: critical
"""


def event(number: int, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "level": "RequestResponse", "auditID": f"id-{number}", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/secrets", "verb": "create", "user": {"username": "ana"},
        "sourceIPs": ["192.0.2.7"], "userAgent": "kubectl",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "s", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 201},
        "requestReceivedTimestamp": f"2026-03-01T08:00:{number % 60:02d}.000001Z",
        "stageTimestamp": f"2026-03-01T08:00:{number % 60:02d}.100001Z",
    }  # fmt: skip
    return made | members


def poisoned() -> Iterator[dict[str, Any]]:
    """Every text of an event written by an attacker, with some text of each kind."""
    for number, text in enumerate(POISON):
        yield event(
            number,
            auditID=text + str(number),
            requestURI="/api/v1/" + text,
            user={"username": text, "uid": text, "groups": [text, text + "2"], "extra": {text: [text]}},
            impersonatedUser={"username": text, "groups": [text]},
            sourceIPs=[text, "192.0.2.7", text],
            userAgent=text,
            objectRef={"resource": text, "namespace": text, "name": text, "apiGroup": text, "subresource": text},
            responseStatus={"metadata": {}, "code": 201, "status": text, "message": text, "reason": text},
            annotations={text: text, "authorization.k8s.io/reason": text},
            requestObject={"kind": text, "metadata": {"name": text, "labels": {text: text}}},
            responseObject={text: [text]},
        )
    yield {**event(90), "verb": POISON[0], "level": POISON[1], "stage": POISON[2]}


def secretive() -> Iterator[dict[str, Any]]:
    """Secrets in all the places where a log has them."""
    applied = json.dumps({"data": {"password": ENCODED[0]}})
    secret = {
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
        "data": {"password": ENCODED[0], "other": ENCODED[1]},
        "stringData": {"note": PLAIN[0]},
    }
    yield event(1, requestObject=secret, responseObject={"kind": "SecretList", "items": [secret]})
    patch = [{"op": "replace", "path": "/data/password", "value": PLAIN[6]}]
    yield event(2, verb="patch", requestObject=patch, responseObject=secret)
    token = {"resource": "serviceaccounts", "subresource": "token", "namespace": "shop", "name": "s"}
    yield event(3, objectRef=token, responseObject={"kind": "TokenRequest", "status": {"token": JWT}})
    review = {"kind": "TokenReview", "spec": {"token": PLAIN[2]}}
    yield event(4, objectRef={"resource": "tokenreviews"}, requestObject=review, responseObject=review)
    command = f"command=mysql&command=-u&command=root&command=--password&command={PLAIN[1]}"
    pod = {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "p"}
    yield event(5, verb="get", objectRef=pod, requestURI=f"/api/v1/namespaces/shop/pods/p/exec?{command}")
    yield event(6, verb="get", requestURI=f"/api/v1/pods?access_token={PLAIN[2]}", userAgent=f"x Bearer {JWT}")
    message = f"admission said: https://bob:{PLAIN[0]}@repo.example and Authorization: Bearer {JWT}"
    yield event(7, responseStatus={"metadata": {}, "code": 403, "message": message})
    spec = {
        "containers": [
            {"name": "c", "env": [{"name": "DB_PASSWORD", "value": PLAIN[1]}], "args": ["--token", PLAIN[2]]},
            {"name": "d", "command": ["sh", "-c", f"PGPASSWORD={PLAIN[0]} psql"]},
        ]
    }
    key = f"-----BEGIN PRIVATE KEY-----\n{PLAIN[3]}\n-----END PRIVATE KEY-----"
    yield event(8, objectRef={"resource": "pods"}, requestObject={"kind": "Pod", "spec": spec}, responseObject=key)
    settings = {"app.json": json.dumps({"client_secret": PLAIN[5], "cookie_secret": PLAIN[4]}), "tls": key}
    yield event(9, objectRef={"resource": "configmaps"}, requestObject={"kind": "ConfigMap", "data": settings})
    patched = json.dumps({"patch": [{"op": "add", "path": "/spec/x", "value": {"password": PLAIN[6]}}]})
    yield event(10, annotations={"patch.webhook.admission.k8s.io/round_0_index_0": patched})
    yield event(11, user={"username": "ana", "extra": {"token": [JWT], "scopes": [f"Bearer {JWT}"]}})


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the rule that matches everything and the compiled rules are, made once."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rule.yaml").write_text(RULE)
    return folder


@pytest.fixture
def kwho(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line on a log of the given events, with the pack and a rule that matches everything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))

    def called(command: str, events: Iterator[dict[str, Any]], *words: str, rules: bool = False) -> Result:
        log = tmp_path / "audit.log"
        log.write_text("".join(json.dumps(made) + "\n" for made in events))
        own = ("--rules", str(place / "rule.yaml")) if rules else ()
        words = tuple(str(log) if word == "LOG" else word for word in words)
        done = CliRunner().invoke(root, [*command.split(), *words, *own])
        assert done.exit_code == 0, done.output
        return done

    return called


def findings(kwho: Run, events: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = kwho("scan", events, "LOG", "--format", "jsonl", "--quiet", rules=True).stdout_bytes.splitlines()
    return [told for told in map(json.loads, lines) if told.get("title") == "Everything"]


@pytest.mark.parametrize("name", TEXTS)
def test_no_scan_writes_what_a_terminal_obeys(name: str, kwho: Run) -> None:
    text = kwho("scan", poisoned(), "LOG", "--format", name, rules=True).stdout_bytes.decode()
    assert not CONTROLS.search(text.replace("\r\n", "\n"))
    assert "owned" in text
    if name == "csv":
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        assert not any(FORMULA.match(cell) for cell in cells)
    if name == "html":
        assert "<script" not in text


@pytest.mark.parametrize("name", ["table", "jsonl", *(name for name in converters() if name in TEXTS)])
def test_no_search_writes_what_a_terminal_obeys(name: str, kwho: Run) -> None:
    done = kwho("search", poisoned(), "", "LOG", "--format", name)
    assert not CONTROLS.search(done.stdout_bytes.decode().replace("\r\n", "\n"))
    assert not CONTROLS.search(done.stderr)


def test_no_finding_in_full_and_no_health_writes_what_a_terminal_obeys(kwho: Run) -> None:
    for found in findings(kwho, poisoned()):
        done = kwho("scan", poisoned(), "LOG", "--show", found["id"], "--quiet", rules=True)
        assert not CONTROLS.search(done.stdout)
    assert not CONTROLS.search(kwho("rules blind", poisoned(), "LOG").stdout)


@pytest.mark.parametrize("name", names())
def test_no_scan_tells_a_secret(name: str, kwho: Run) -> None:
    told = kwho("scan", secretive(), "LOG", "--format", name, rules=True).stdout_bytes
    assert [secret for secret in PLANTED if secret.encode() in told] == []
    assert len(told) > 1_000


@pytest.mark.parametrize("name", ["table", "jsonl", *converters()])
def test_no_search_tells_a_secret_unless_it_is_asked_to(name: str, kwho: Run) -> None:
    told = kwho("search", secretive(), "", "LOG", "--format", name).stdout_bytes
    assert [secret for secret in PLANTED if secret.encode() in told] == []
    if name == "jsonl":
        revealed = kwho("search", secretive(), "", "LOG", "--format", name, "--reveal").stdout_bytes
        assert [secret for secret in PLANTED if secret.encode() not in revealed] == []


def test_no_finding_in_full_tells_a_secret_unless_it_is_asked_to(kwho: Run) -> None:
    revealed = ""
    for found in findings(kwho, secretive()):
        words = ("LOG", "--show", found["id"], "--quiet")
        told = kwho("scan", secretive(), *words, rules=True).stdout
        assert [secret for secret in PLANTED if secret in told.replace("\n", "")] == []
        revealed += kwho("scan", secretive(), *words, "--reveal", rules=True).stdout
    assert JWT in revealed.replace("\n", "").replace(" ", "")
