"""Fields that say what the user's own site file knows of an event; absent without one, and where it says nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kwho.fields.field import Field, Value, decided_by, field
from kwho.schema.moment import parse_moment
from kwho.views import Look, source
from kwho.views.principal import account, principal_kind
from kwho.views.site import Neighbourhood


def _around(read: Callable[[Neighbourhood], Value]) -> Callable[[Look], Value]:
    return lambda look: read(look.see(source.around))


def _known(look: Look) -> bool | None:
    return None if look.site is None else look.site.knows(look.event.user)


def _breaks_glass(look: Look) -> bool | None:
    return None if look.site is None else look.site.breaks_glass(look.event.user)


def _knows_node(look: Look) -> bool | None:
    ref, asks = look.event.objectRef, look.see(principal_kind) == "node"
    about = ref.name if ref is not None and (ref.resource, ref.apiGroup or "") == ("nodes", "") else None
    name = about or (look.see(account).name if asks else None)
    return None if look.site is None or not name else look.site.knows_node(name)


def _windows(look: Look) -> tuple[str, ...] | None:
    return None if look.site is None else look.site.windows(parse_moment(look.event.requestReceivedTimestamp))


def _with(needs: tuple[str, ...], *fields: Field) -> tuple[Field, ...]:
    return tuple(replace(row, needs=needs) for row in fields)


SITE: Final = (
    *decided_by(
        "peer",
        *_with(
            ("sourceIPs", "site.zones"),
            field("source.zone", "text", _around(lambda near: near.zones), "The zones of the site that hold the peer."),
            field(
                "source.expects",
                "text",
                _around(lambda near: near.expects),
                "The kinds of principals that the zones of the peer expect, as in `principal.kind`.",
            ),
            field(
                "source.known",
                "boolean",
                _around(lambda near: near.known),
                "True when the peer is in a zone of the site, false when in none.",
            ),
        ),
        *_with(
            ("sourceIPs", "site.lists"),
            field(
                "source.listed",
                "text",
                _around(lambda near: near.lists),
                "The address lists of the site with the peer.",
            ),
            field(
                "source.listKind",
                "text",
                _around(lambda near: near.list_kinds),
                "What those lists are of: `tor`, `bad` or another word of the site.",
            ),
            field("source.listDate", "text", _around(lambda near: near.list_dates), "The days those lists are of."),
        ),
        *_with(
            ("sourceIPs", "site.geoip.country"),
            field(
                "source.country", "text", _around(lambda near: near.country), "The country of the peer, two letters."
            ),
        ),
        *_with(
            ("sourceIPs", "site.geoip.asn"),
            field(
                "source.asn",
                "integer",
                _around(lambda near: near.asn),
                "The number of the autonomous system (the network operator) of the peer.",
            ),
        ),
    ),
    *decided_by(
        "user",
        *_with(
            ("site.principals.known",),
            field("principal.known", "boolean", _known, "True when the site expects the caller, by name or group."),
        ),
        *_with(
            ("site.principals.breakGlass",),
            field(
                "principal.breakGlass",
                "boolean",
                _breaks_glass,
                "True when the caller is an account that the site keeps for emergencies.",
            ),
        ),
    ),
    *_with(
        ("site.principals.nodes",),
        field(
            "node.known",
            "boolean",
            _knows_node,
            "True when the site expects a node of that name: the one that the request is on, else the one that asks.",
        ),
    ),
    *_with(
        ("site.windows",),
        field("time.window", "text", _windows, "The change windows of the site that hold the time of receipt."),
    ),
)
