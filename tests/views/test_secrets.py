"""What can hold a secret is masked; whatever else is there stays."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.views import secrets
from kwho.views.secrets import MASK, mask_arguments, mask_event, mask_field, mask_record, mask_text

BEGIN = "-----BEGIN RSA PRIVATE KEY-----"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"token is {TOKEN} here", "token is *** here"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer ***"),
        ("authorization=Basic YWxpY2U6cHc=", "authorization=Basic ***"),
        ("curl -H 'Authorization: Bearer 0123456789'", "curl -H 'Authorization: Bearer ***'"),
        ("Bearer 0123456789abcdef", "Bearer ***"),
        ("https://alice:s3cret@example.com/x", "https://alice:***@example.com/x"),
        ("postgres://u:p@ss@db:5432/x", "postgres://u:***@db:5432/x"),
        ("/oauth/token?access_token=abc&x=1", "/oauth/token?access_token=***&x=1"),
        ("/callback?code=abc&state=def", "/callback?code=***&state=***"),
        ("mysql -u root --password hunter2 db", "mysql -u root --password *** db"),
        ("mysql -u root --password=hunter2 db", "mysql -u root --password=*** db"),
        ("mysqldump -h db -phunter2 --all", "mysqldump -h db -p*** --all"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("env MYSQL_PWD='hunter 2' mysql", "env MYSQL_PWD=*** mysql"),
        ("kubectl --token abcdef get pods", "kubectl --token *** get pods"),
        ("helm --set admin.password=hunter2", "helm --set admin.password=***"),
        ("sshpass -p hunter2 ssh a", "sshpass -p *** ssh a"),
        ("redis-cli -a hunter2 keys", "redis-cli -a *** keys"),
        ("ldapsearch -x -w hunter2", "ldapsearch -x -w ***"),
        ("curl -u alice:hunter2 https://x", "curl -u alice:*** https://x"),
        ("kubectl create secret generic x --from-literal=k=v", "kubectl create secret generic x --from-literal=k=***"),
        ('{"password":"hunter2","user":"alice"}', '{"password":"***","user":"alice"}'),
        ('x {\\"client_secret\\":\\"hunter2\\"}', 'x {\\"client_secret\\":\\"***\\"}'),
        ("ghp_0123456789abcdef0123456789abcdef0123", "ghp_***"),
        ("sha256~0123456789abcdef0123456789abcdef01234567890", "sha256~***"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nM+/=\n-----END RSA PRIVATE KEY-----",
            f"{BEGIN}***-----END RSA PRIVATE KEY-----",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "-----BEGIN PRIVATE KEY-----***"),
        ("ZXlKaGJHY2lPaUpTVXpJMU5pSjkuZXlKcGMzTWlPaUpyZFdKbEluMC5j", MASK),
    ],
)
def test_secrets_of_a_known_shape_are_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "system:serviceaccount:kube-system:token-cleaner",
        "list secrets in kube-system",
        "/api/v1/namespaces/a/secrets/db-password?limit=500&resourceVersion=0",
        "/api/v1/secrets?continue=eyJ2IjoibWV0YS5rOHMuaW8",
        "Authentication failed, attempted: bearer, x509",
        "kubectl/v1.36.1 (linux/amd64) kubernetes/abcdef0",
        'secrets "x" is forbidden: User "y" cannot get resource "secrets" in API group ""',
        "/apis/apps/v1/namespaces/a/deployments?fieldManager=helm&dryRun=All",
        "https://example.com:8443/path@x",
        "--token-file=/var/run/secrets/x",
        "mysql -u root -p",
        '{"kind":"Pod","spec":{"serviceAccountName":"x","automountServiceAccountToken":false}}',
        "2001:db8::1",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_text(text) == text


def test_arguments_in_a_uri_are_masked_in_their_context() -> None:
    uri = "/api/v1/namespaces/a/pods/p/exec?command=mysql&command=-u&command=root&command=-phunter2&container=c"
    assert mask_text(uri) == uri.replace("hunter2", MASK)
    uri = "/exec?command=sh&command=-c&command=PGPASSWORD%3Dhunter2+psql&stdin=true"
    assert mask_text(uri) == "/exec?command=sh&command=-c&command=PGPASSWORD%3D***+psql&stdin=true"
    assert (
        mask_text("/exec?command=tool&command=--password&command=a%26b")
        == "/exec?command=tool&command=--password&command=***"
    )


@pytest.mark.parametrize(
    ("arguments", "masked"),
    [
        (["tool", "--password", "my word"], ("tool", "--password", MASK)),
        (["tool", "--password", "-x"], ("tool", "--password", "-x")),
        (["curl", "-s", "-u", "a:b c"], ("curl", "-s", "-u", "a:***")),
        (["--token", "abc"], ("--token", MASK)),
        (["kubectl", "create", "--from-literal", "k=v"], ("kubectl", "create", "--from-literal", "k=***")),
        (["ls", "-p", "dir"], ("ls", "-p", "dir")),
        ([], ()),
    ],
)
def test_arguments_are_masked_with_an_eye_on_what_stands_before(arguments: list[str], masked: tuple[str, ...]) -> None:
    assert mask_arguments(arguments) == masked


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("requestObject.data.anything", "c2VjcmV0", MASK),
        ("responseObject.stringData.a.b", "x", MASK),
        ("responseObject.status.token", "abc", MASK),
        ("uri.query.access_token", "abc", MASK),
        ("requestObject.spec.image", "app", "app"),
        ("requestObject.data", "x", "x"),
        ("exec.command", "tool --password x1", "tool --password ***"),
    ],
)
def test_some_fields_are_places_for_secrets_themselves(name: str, value: str, masked: str) -> None:
    assert mask_field(name, value) == masked


def event(**bodies: Any) -> Event:
    raw = {key: msgspec.Raw(json.dumps(value).encode()) for key, value in bodies.items() if key.endswith("Object")}
    rest = {key: value for key, value in bodies.items() if not key.endswith("Object")}
    decoded = msgspec.json.decode(json.dumps(rest), type=Event)
    return msgspec.structs.replace(decoded, **raw)


def body(masked: msgspec.Raw) -> Any:
    return json.loads(bytes(masked))


SECRET = {"kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "c2VjcmV0", "n": 1}, "stringData": {"b": "plain"}}


def test_the_data_of_secrets_are_masked_in_every_body() -> None:
    found = mask_event(event(requestObject=SECRET, responseObject={"kind": "List", "items": [SECRET, {"kind": "Pod"}]}))
    hidden = {**SECRET, "data": {"a": MASK, "n": 1}, "stringData": {"b": MASK}}
    assert body(found.requestObject) == hidden
    assert body(found.responseObject) == {"kind": "List", "items": [hidden, {"kind": "Pod"}]}


def test_items_without_a_kind_are_secrets_when_the_resource_is() -> None:
    found = mask_event(event(objectRef={"resource": "secrets"}, responseObject={"items": [{"data": {"a": "b"}}]}))
    assert body(found.responseObject) == {"items": [{"data": {"a": MASK}}]}


def test_a_json_patch_of_a_secret_is_masked() -> None:
    patch = [
        {"op": "add", "path": "/data/x", "value": "c2VjcmV0"},
        {"op": "add", "path": "/data", "value": {"y": ["z"]}},
    ]
    found = mask_event(event(objectRef={"resource": "secrets"}, requestObject=patch))
    assert [operation["value"] for operation in body(found.requestObject)] == [MASK, {"y": [MASK]}]


def test_the_last_applied_annotation_of_a_secret_is_masked() -> None:
    applied = json.dumps(SECRET)
    annotated = {
        "kind": "Secret",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
    }
    found = body(mask_event(event(requestObject=annotated)).requestObject)
    assert found["metadata"]["annotations"] == {"kubectl.kubernetes.io/last-applied-configuration": MASK}
    assert "plain" not in mask_text(f"kubectl.kubernetes.io/last-applied-configuration={applied}")


def test_tokens_of_requests_and_reviews_are_masked() -> None:
    asked = mask_event(
        event(responseObject={"kind": "TokenRequest", "spec": {"audiences": ["a"]}, "status": {"token": "x"}})
    )
    assert body(asked.responseObject) == {
        "kind": "TokenRequest",
        "spec": {"audiences": ["a"]},
        "status": {"token": MASK},
    }
    reviewed = mask_event(event(requestObject={"kind": "TokenReview", "spec": {"token": "x"}}))
    assert body(reviewed.requestObject)["spec"] == {"token": MASK}


def test_passwords_in_a_pod_are_masked() -> None:
    spec = {
        "containers": [
            {
                "command": ["tool", "--password", "hunter2"],
                "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "A", "value": "kept"}],
            }
        ]
    }
    found = mask_event(event(requestObject={"kind": "Pod", "spec": spec}))
    assert b"hunter2" not in bytes(found.requestObject)
    assert b"kept" in bytes(found.requestObject)


def test_every_text_of_an_event_is_masked() -> None:
    found = mask_event(
        Event(
            requestURI="/x?access_token=abc",
            userAgent=f"agent {TOKEN}",
            user=User(username="alice", extra={"k": (TOKEN,)}),
            impersonatedUser=User(username="bob"),
            responseStatus=Status(message="password=hunter2", details=msgspec.Raw(b'{"token":"x"}')),
            annotations={"a": "token=hunter2"},
        )
    )
    assert found.requestURI == "/x?access_token=***"
    assert found.userAgent == "agent ***"
    assert found.user == User(username="alice", extra={"k": (MASK,)})
    assert found.responseStatus is not None
    assert found.responseStatus.message == "password=***"
    assert bytes(found.responseStatus.details) == b'{"token":"***"}'
    assert found.annotations == {"a": "token=***"}


def test_an_event_without_secrets_stays_byte_for_byte() -> None:
    plain = Event(verb="create", requestURI="/api/v1/pods", requestObject=msgspec.Raw(b'{ "kind" : "Pod", "a": 1.0 }'))
    assert mask_event(plain) == plain
    assert bytes(mask_event(plain).requestObject) == b'{ "kind" : "Pod", "a": 1.0 }'
    assert mask_event(Event()) == Event()


def test_a_whole_event_as_text_is_masked_like_the_event() -> None:
    raw = event(verb="patch", objectRef={"resource": "secrets"}, requestObject={"data": {"a": "c2VjcmV0"}})
    assert "c2VjcmV0" not in mask_text(msgspec.json.encode(raw).decode())


def test_a_text_cut_out_of_a_secret_is_masked() -> None:
    assert "c2VjcmV0" not in mask_text(json.dumps(SECRET, separators=(",", ":"))[:90])


@pytest.mark.parametrize("raw", [b"\xff\x00", b"not json", b"[" * 50_000])
def test_an_unreadable_body_is_masked_as_a_whole(raw: bytes) -> None:
    assert bytes(mask_event(Event(requestObject=msgspec.Raw(raw))).requestObject) == b'"***"'
    assert bytes(mask_event(Event(requestObject=msgspec.Raw(b"null"))).requestObject) == b"null"


def test_what_nests_too_deep_is_masked() -> None:
    deep: Any = "hunter2"
    for _ in range(secrets.MAX_DEPTH + 5):
        deep = {"a": deep}
    assert b"hunter2" not in bytes(mask_event(event(requestObject=deep)).requestObject)
    assert b"hunter2" not in bytes(mask_event(event(requestObject={"kind": "Secret", "data": deep})).requestObject)


def test_a_long_text_is_cut_and_says_so() -> None:
    masked = mask_text("word " * 300_000)
    assert masked.endswith("[451424 more characters]")
    assert len(masked) < secrets.MAX_TEXT + 40


PIECES = [
    *"abp=:/@?&- \"'{}[],\\.%",
    "eyJ",
    "token",
    "--password",
    "mysql ",
    "Secret",
    " -p",
    "curl -u",
    "bearer ",
    "\\u0026",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=200)
def test_masking_twice_changes_nothing_more(pieces: list[str]) -> None:
    once = mask_text("".join(pieces))
    assert mask_text(once) == once


@given(st.text(alphabet=st.characters() | st.characters(categories=["Cs"]), max_size=60))
@settings(max_examples=50)
def test_any_text_is_survived(text: str) -> None:
    mask_text(text)
    mask_arguments([text, text])


@pytest.mark.parametrize(
    "seed",
    [
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "mysql -p ",
        "://a:",
        "--password",
        "token=",
        '"token":"',
        "?a=b&",
        "curl -u a:",
        "bearer ",
        "a",
        "authorization:",
        '"data":{',
        "[",
        '{"a":',
        "ZXlK",
        "\\",
        "Secret",
    ],
)
def test_masking_takes_time_linear_in_the_text(seed: str) -> None:
    def cost(length: int) -> float:
        text = seed * (length // len(seed))
        began = process_time()
        mask_text(text)
        return process_time() - began

    assert cost(40_000) < 20 * max(cost(10_000), 0.002)


def test_every_masked_place_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/secrets.md").read_text(encoding="utf-8")
    for name in (
        "stringData",
        "TokenRequest",
        "TokenReview",
        "last-applied",
        "Bearer",
        "JWT",
        "PGPASSWORD",
        "--password",
        "access_token",
        "PRIVATE KEY",
        "--from-literal",
        "sshpass",
        "redis-cli",
        "curl",
    ):
        assert name in page


def test_a_whole_record_is_masked_by_its_keys_however_long_it_is() -> None:
    event = {"objectRef": {"resource": "secrets"}, "requestObject": {"pad": "x" * (2 << 20), "data": {"k": "aGlkZGVu"}}}
    masked = mask_record(json.dumps(event))
    assert "aGlkZGVu" not in masked
    assert json.loads(masked)["requestObject"]["data"] == {"k": MASK}
    assert mask_record(f"not JSON, but token={TOKEN}") == f"not JSON, but token={MASK}"
    assert mask_record('{"verb": "get"}') == '{"verb": "get"}'


@pytest.mark.parametrize("shape", secrets._SHAPES, ids=lambda shape: shape.pattern[:20])
def test_one_search_tells_of_every_shape(shape: Any) -> None:
    @settings(max_examples=15, deadline=None)
    @given(st.from_regex(shape))
    def holds(text: str) -> None:
        assert secrets._SIGN.search(text)

    holds()


def test_the_names_of_users_and_objects_are_masked_where_they_look_like_secrets() -> None:
    event = Event(user=User("Bearer 0123456789abcdef"), objectRef=ObjectRef("pods", name="https://u:hidden@h/"))
    masked = mask_event(event)
    assert masked.user == User("Bearer ***")
    assert masked.objectRef == ObjectRef("pods", name="https://u:***@h/")
