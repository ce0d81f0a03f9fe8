"""What became of a request: one function, the response code first, the authorization decision second."""

from typing import Final

from kwho.schema.event import Event
from kwho.schema.finding import Outcome
from kwho.views import Look
from kwho.views.body import mapping, request_body, texts
from kwho.views.uri import query_values

DECISION: Final = "authorization.k8s.io/decision"
LOGIN_DECISION: Final = "authentication.openshift.io/decision"
CLOSED_EARLY: Final = "Connection closed early"
"""The message of a request whose client vanished before any status: its code 200 says nothing."""

_LONG_VERBS: Final = frozenset({"watch", "proxy"})
_LONG_SUBRESOURCES: Final = frozenset({"attach", "exec", "proxy", "log", "portforward"})
_QUERY_DECIDES: Final = frozenset({"create", "update", "patch"})
_BODY_DECIDES: Final = frozenset({"delete", "deletecollection"})
_LOGIN: Final[dict[str, Outcome]] = {"allow": "success", "deny": "unauthenticated", "error": "failed"}


def decision(look: Look) -> str | None:
    """What the authorizer said: `allow`, `forbid`, or None when it was not reached, erred, or is not told."""
    return (look.event.annotations or {}).get(DECISION)


def answer(look: Look) -> Outcome:
    """The outcome by stage, code and decision alone; dry runs and other servers' dialects are not looked at."""
    event = look.event
    if event.stage == "Panic":
        return "failed"
    status = event.responseStatus
    code = status.code if status is not None else None
    if status is None or not code:
        return "open" if _still_running(event) else "unknown"
    if status.message == CLOSED_EARLY:
        return "unknown"
    found = _by_code(code, look.see(decision) == "allow")
    return "open" if found == "success" and event.stage == "ResponseStarted" else found


def outcome(look: Look) -> Outcome:
    """The outcome: `answer`, except for true dry runs and for OpenShift's login server, which decides by annotation."""
    event = look.event
    login = (event.annotations or {}).get(LOGIN_DECISION)
    if login in _LOGIN and event.objectRef is None and event.stage != "Panic":
        return _LOGIN[login]
    found = look.see(answer)
    return "dry_run" if found == "success" and look.see(dry_run) else found


def accepted(look: Look) -> bool:
    """True when the request succeeded or is a stream that was accepted and still runs."""
    return look.see(outcome) in ("success", "open")


def dry_run(look: Look) -> bool:
    """True when the server was told to change nothing, as the server itself reads it.

    For create, update and patch the query key `dryRun` decides; for deletions only the body does, since a server that
    gets one ignores the query.
    """
    verb = look.event.verb
    if verb in _QUERY_DECIDES:
        return "All" in query_values(look, "dryRun")
    if verb in _BODY_DECIDES:
        return "All" in texts(mapping(look.see(request_body)).get("dryRun"))
    return False


def _still_running(event: Event) -> bool:
    if event.stage == "ResponseStarted":
        return True
    if event.stage != "RequestReceived":
        return False
    subresource = event.objectRef.subresource if event.objectRef is not None else None
    return event.verb in _LONG_VERBS or subresource in _LONG_SUBRESOURCES


def _by_code(code: int, allowed: bool) -> Outcome:
    if 200 <= code < 300 or code in (101, 304):
        return "success"
    if code == 401:
        return "unauthenticated"
    if code == 403:
        return "rejected" if allowed else "forbidden"
    if code in (400, 422) and allowed:
        return "rejected"
    return "failed" if 300 <= code < 600 else "unknown"
