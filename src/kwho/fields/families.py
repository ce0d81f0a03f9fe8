"""Open families of fields: every key behind the prefix is a field."""

from collections.abc import Callable
from typing import Final

from kwho.fields.field import Family, Read
from kwho.schema.event import User
from kwho.views import Look, body, uri
from kwho.views.situation import situation

EVERY: Final = "*"
"""At the end of the key of an annotation: all annotations whose keys begin so."""


def _annotation(key: str) -> Read:
    if key.endswith(EVERY):
        start = key.removesuffix(EVERY)
        return lambda look: tuple(
            value for name, value in (look.event.annotations or {}).items() if name.startswith(start)
        )
    return lambda look: (look.event.annotations or {}).get(key)


def _user_extra(key: str) -> Read:
    return lambda look: _extra(look.event.user, key)


def _impersonated_extra(key: str) -> Read:
    return lambda look: _extra(look.event.impersonatedUser, key)


def _query(key: str) -> Read:
    return lambda look: uri.query_values(look, key)


def _extra(user: User | None, key: str) -> tuple[str, ...]:
    return ((user.extra if user is not None else None) or {}).get(key, ())


def _details(look: Look) -> body.Json:
    status = look.event.responseStatus
    return None if status is None else body.decode(status.details)


def _authentication(look: Look) -> body.Json:
    return body.decode(look.event.authenticationMetadata)


def _situation(key: str) -> Read:
    return lambda look: look.see(situation).get(key)


def _path(view: Callable[[Look], body.Json]) -> Callable[[str], Read]:
    return lambda path: lambda look: body.leaves(look.see(view), path)


FAMILIES: Final = (
    Family(
        "annotations.",
        "key",
        _annotation,
        ("annotations",),
        "Metadata",
        "One annotation of the event; the key may contain dots and slashes. With `*` at its end: all that begin so.",
    ),
    Family(
        "user.extra.",
        "key",
        _user_extra,
        ("user.extra",),
        "Metadata",
        "What the authenticator says about the caller under this key.",
    ),
    Family(
        "impersonatedUser.extra.",
        "key",
        _impersonated_extra,
        ("impersonatedUser",),
        "Metadata",
        "What the caller says about the impersonated identity under this key.",
    ),
    Family(
        "requestObject.",
        "path",
        _path(body.request_body),
        ("requestObject",),
        "Request",
        "Whatever stands at this dotted path of the body that the client sent, in any element of lists on the way.",
    ),
    Family(
        "responseObject.",
        "path",
        _path(body.response_body),
        ("responseObject",),
        "RequestResponse",
        "Whatever stands at this dotted path of the body that the server returned, in any element of lists on the way.",
    ),
    Family("uri.query.", "key", _query, (), "Metadata", "The decoded values of one key of the query string."),
    Family(
        "responseStatus.details.",
        "path",
        _path(_details),
        (),
        "Metadata",
        "Whatever stands at this dotted path of the details of a failure.",
    ),
    Family(
        "authenticationMetadata.",
        "path",
        _path(_authentication),
        (),
        "Metadata",
        "Whatever stands at this dotted path of what is known about the authentication.",
    ),
    Family(
        "state.",
        "key",
        _situation,
        (),
        "Metadata",
        "What the log told before about the things that the request touches; only for rules that name a view of it.",
    ),
)
