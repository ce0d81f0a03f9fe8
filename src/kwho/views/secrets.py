"""What in an event can hold a secret, and the same text without it.

The list is documented in `docs/reference/secrets.md`. It is a net, not a proof: a secret in a place or shape that the
list does not name passes. Every pattern takes time linear in the length of the text.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote_plus, unquote_plus

import msgspec

from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.views.body import Json, decode, render, text

MASK: Final = "***"
MAX_TEXT: Final = 1_048_576
"""Characters of a text that are looked at; what follows is left out and counted."""
MAX_DEPTH: Final = 100
"""Nesting of a body that is looked at; what lies deeper is masked."""
MAX_EMBEDDED: Final = 3
"""JSON texts within JSON texts that are looked into."""

_WORD: Final = (
    r"(?:pass(?:word|wd|phrase)|_pwd|secrets?|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key"
    r"|client[_-]?secret|credentials?)"
)
_VALUE: Final = r"""(?:"[^"]{0,4096}"|'[^']{0,4096}'|[^\s&"']+)"""
_SENSITIVE: Final = re.compile(
    rf"[\w.-]{{0,256}}?{_WORD}|pass|authorization|code_verifier|assertion|client-key-data|kubeconfig|[\w.-]{{0,256}}\.key"
    r"|ssh-privatekey|\.dockercfg|\.dockerconfigjson",
    re.IGNORECASE | re.ASCII,
)
_OAUTH: Final = frozenset({"code", "state"})
_SECRET_KINDS: Final = frozenset({"Secret", "SecretList"})
_SECRET_DATA: Final = frozenset({"data", "stringData"})
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_OPEN: Final = ("requestObject.", "responseObject.", "uri.query.")

_QUERY: Final = re.compile(r"\?[^\s\"'<>]+")
_PAIRS: Final = re.compile(r"(&|\\u0026)")
_RUN: Final = re.compile(r"[A-Za-z0-9_.+/=-]{20,}")
_HARMLESS: Final = re.compile(r"[\w.:/-]{0,19}")
_BLANKS: Final = re.compile(r"[\s\"'&]")
_DATA_OF_SECRET: Final = re.compile(r"(\\?\"(?:data|stringData)\\?\"\s{0,4}:\s{0,4}\{)[^{}]*")


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_SHAPES: Final = (
    # a private key in PEM
    _shape(r"(-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----)(?:[^\"-]|-(?!----))*"),
    # the Authorization header; a bearer token on its own
    _shape(
        rf"(authorization[\"']?\s{{0,4}}[:=]\s{{0,4}}(?:(?:basic|bearer|digest|negotiate|token)\s{{1,4}})?){_VALUE}"
    ),
    _shape(r"(\bbearer\s{1,4})[A-Za-z0-9._~+/=-]{8,}"),
    # user:password@host
    _shape(r"(://[^\s/:@\"'<>]{0,256}:)[^\s/\"'<>]{1,1024}(?=@)"),
    # programs with a letter of their own for it
    _shape(rf"(\b(?:mysql|mariadb)[\w-]{{0,16}}\b[^\n|;&]{{0,128}}?\s-p)(?=[^\s-]){_VALUE}"),
    _shape(rf"(\b(?:sshpass|mongo|docker|podman|helm)\w{{0,16}}\b[^\n|;&]{{0,128}}?\s-p\s{{0,4}})(?=[^\s-]){_VALUE}"),
    _shape(rf"(\bredis-cli\b[^\n|;&]{{0,128}}?\s-a\s{{1,4}}){_VALUE}"),
    _shape(rf"(\bldap\w{{1,16}}\b[^\n|;&]{{0,128}}?\s-w\s{{0,4}})(?=[^\s-]){_VALUE}"),
    _shape(r"(\bcurl\b[^\n|;&]{0,128}?\s(?:-u|--user)[\s=]{0,4}[\"']?[^\s:\"']{1,128}:)[^\s\"'&]+"),
    # --from-literal key=value, --password value, --db-password=value
    _shape(rf"(--from-literal[\s=]{{1,4}}[\"']?[^=\s\"']{{1,253}}=){_VALUE}"),
    _shape(rf"((?<![\w-])--?(?:[\w-]{{0,256}}?{_WORD}|pass)(?:=|\s{{1,4}}))(?![\s-]){_VALUE}"),
    # PGPASSWORD=value, access_token=value
    _shape(rf"((?<!\w)\w{{0,256}}?{_WORD}(?:_?(?:value|base64|b64|\d{{1,3}}))?=){_VALUE}"),
    # "password":"value"
    _shape(rf"(\"[\w.-]{{0,256}}?{_WORD}\\?\"\s{{0,4}}:\s{{0,4}}\\?\")(?:[^\"\\]|\\[^\"])+"),
    # tokens that say what they are
    _shape(r"\b(gh[opsur]_|github_pat_|glpat-|xox[abprs]-|sha256~)[A-Za-z0-9_-]{16,}"),
)


_SIGN: Final = _shape(
    r"-----begin|authorization|bearer|://|mysql|mariadb|sshpass|mongo|docker|podman|helm|redis-cli|ldap|curl"
    r"|--from-literal|pass|_pwd|secret|token|key|credential|gh[opsur]_|github_pat_|glpat-|xox[abprs]-|sha256~"
)
"""What every one of the shapes above holds: most texts have none of it, and one search tells."""


def mask_text(value: str) -> str:
    """The text with every secret that has a known shape replaced by `MASK`; masking twice changes nothing more."""
    masked = _mask(value[:MAX_TEXT], 0)
    hidden = len(value) - MAX_TEXT
    return f"{masked}[{hidden} more characters]" if hidden > 0 else masked


def mask_record(value: str) -> str:
    """The text of a whole record, masked as JSON by its keys at any length; as `mask_text` does when it is no JSON."""
    found = decode(msgspec.Raw(value.encode("utf-8", "surrogatepass")))
    if not isinstance(found, dict | list):
        return mask_text(value)
    masked = _mask_json(found, False, 0, 0)
    return value if masked == found else render(masked)


def mask_field(name: str, value: str) -> str:
    """The text of a field as `mask_text` gives it; wholly masked where the field itself is a place for secrets."""
    if name.startswith(_OPEN):
        steps = name.split(".")
        in_data = steps[1] in _SECRET_DATA and len(steps) > 2
        if in_data or _SENSITIVE.fullmatch(steps[-1]):
            return MASK
    return mask_text(value)


def mask_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """The arguments of a command, each masked with an eye on the program and the option before it."""
    masked: list[str] = []
    for number, argument in enumerate(arguments):
        alone = _mask(argument[:MAX_TEXT], MAX_EMBEDDED)
        if alone == argument and number:
            before = arguments[number - 1][:256]
            program = f"{arguments[0][:256]} {before} " if number > 1 else f"{before} "
            solid = _BLANKS.sub("_", argument[:MAX_TEXT])
            changed = _mask(program + solid, MAX_EMBEDDED)
            if changed != program + solid and changed.startswith(program) and _mask(solid, MAX_EMBEDDED) == solid:
                alone = changed.removeprefix(program)
        masked.append(alone)
    return tuple(masked)


def mask_event(event: Event) -> Event:
    """The event with its secrets masked in every text and body; whatever holds none stays byte for byte."""
    secret = event.objectRef is not None and event.objectRef.resource == "secrets"
    annotations = event.annotations
    return msgspec.structs.replace(
        event,
        requestURI=_mask_optional(event.requestURI),
        userAgent=_mask_optional(event.userAgent),
        user=_mask_user(event.user),
        impersonatedUser=_mask_user(event.impersonatedUser),
        objectRef=_mask_ref(event.objectRef),
        responseStatus=_mask_status(event.responseStatus),
        annotations=None if annotations is None else {key: mask_text(value) for key, value in annotations.items()},
        requestObject=_mask_body(event.requestObject, secret),
        responseObject=_mask_body(event.responseObject, secret),
    )


def _mask(value: str, embedded: int) -> str:
    if _HARMLESS.fullmatch(value):
        return value
    if embedded < MAX_EMBEDDED and value.startswith(("{", "[")):
        inner = decode(msgspec.Raw(value.encode("utf-8", "surrogatepass")))
        if isinstance(inner, dict | list):
            masked = _mask_json(inner, False, 0, embedded + 1)
            return value if masked == inner else render(masked)
    if "?" in value:
        value = _QUERY.sub(_mask_query, value)
    value = _RUN.sub(_mask_run, value)
    if "Secret" in value:
        value = _DATA_OF_SECRET.sub(rf"\1{MASK}", value)
        head, marker, _ = value.partition(_LAST_APPLIED)
        value = f"{head}{marker}={MASK}" if marker else value
    if _SIGN.search(value):
        for shape in _SHAPES:
            value = shape.sub(rf"\1{MASK}", value)
    return value


def _mask_run(match: re.Match[str]) -> str:
    """A web token, also when it is encoded in base64 once more, is masked to the end of the run of characters."""
    run = match[0]
    start = run.find("eyJ")
    if start >= 0 and run.find(".", start) > start + 11:
        return run[:start] + MASK
    start = run.find("ZXlK")
    return run[:start] + MASK if start >= 0 and len(run) - start > 40 else run


def _mask_query(match: re.Match[str]) -> str:
    parts = _PAIRS.split(match[0][1:])
    keys = [unquote_plus(part.partition("=")[0], errors="replace") for part in parts]
    values = [unquote_plus(part.partition("=")[2], errors="replace") for part in parts]
    commands = [number for number, key in enumerate(keys) if key == "command"]
    masked = [
        MASK if _holds(key) and value else _mask(value, MAX_EMBEDDED) for key, value in zip(keys, values, strict=True)
    ]
    for number, argument in zip(commands, mask_arguments([values[number] for number in commands]), strict=True):
        masked[number] = argument
    for number, part in enumerate(parts):
        if masked[number] != values[number]:
            parts[number] = f"{part.partition('=')[0]}={quote_plus(masked[number], safe='*/:,')}"
    return "?" + "".join(parts)


def _holds(key: str) -> bool:
    return key in _OAUTH or _SENSITIVE.fullmatch(key) is not None


def _mask_optional(value: str | None) -> str | None:
    return None if value is None else mask_text(value)


def _mask_user(user: User | None) -> User | None:
    if user is None:
        return None
    extra = {key: tuple(mask_text(value) for value in values) for key, values in (user.extra or {}).items()}
    return msgspec.structs.replace(user, username=_mask_optional(user.username), extra=extra or user.extra)


def _mask_ref(ref: ObjectRef | None) -> ObjectRef | None:
    return None if ref is None else msgspec.structs.replace(ref, name=_mask_optional(ref.name))


def _mask_status(status: Status | None) -> Status | None:
    if status is None:
        return None
    return msgspec.structs.replace(
        status, message=_mask_optional(status.message), details=_mask_body(status.details, False)
    )


def _mask_body(raw: msgspec.Raw, secret: bool) -> msgspec.Raw:
    if not bytes(raw):
        return raw
    value = decode(raw)
    if value is None:
        return raw if bytes(raw).strip() == b"null" else msgspec.Raw(render(MASK).encode())
    masked = _mask_json(value, secret, 0, 0)
    return raw if masked == value else msgspec.Raw(render(masked).encode())


def _mask_json(value: Json, secret: bool, depth: int, embedded: int) -> Json:
    if isinstance(value, str):
        return _mask(value[:MAX_TEXT], embedded)
    if not isinstance(value, dict | list):
        return value
    if depth > MAX_DEPTH:
        return MASK
    if isinstance(value, dict):
        return _mask_object(value, secret, depth, embedded)
    arguments = [item for item in value if isinstance(item, str)]
    if arguments and len(arguments) == len(value):
        return list(mask_arguments(arguments))
    return [_mask_json(item, secret, depth + 1, embedded) for item in value]


def _mask_object(value: dict[str, Json], secret: bool, depth: int, embedded: int) -> Json:
    ref = value.get("objectRef")
    secret = secret or text(value.get("kind")) in _SECRET_KINDS
    secret = secret or (isinstance(ref, dict) and ref.get("resource") == "secrets")
    named = _SENSITIVE.fullmatch(text(value.get("name")) or "") is not None
    masked: dict[str, Json] = {}
    for key, item in value.items():
        hidden = (isinstance(item, str) and item and _SENSITIVE.fullmatch(key)) or (named and key == "value")
        if hidden or (secret and key == _LAST_APPLIED):
            masked[key] = MASK
        elif secret and (key in _SECRET_DATA or key == "value"):
            masked[key] = _blank(item, depth + 1)
        else:
            masked[key] = _mask_json(item, secret, depth + 1, embedded)
    return masked


def _blank(value: Json, depth: int) -> Json:
    """The same shape with every text masked."""
    if isinstance(value, dict) and depth <= MAX_DEPTH:
        return {key: _blank(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list) and depth <= MAX_DEPTH:
        return [_blank(item, depth + 1) for item in value]
    return MASK if isinstance(value, str | list | dict) else value
