"""Namespaces: the labels by which Pod Security admits or refuses pods."""

from collections.abc import Iterator
from typing import Final, Self

import msgspec

from kwho.state.fact import Fact, clip
from kwho.state.things import CHANGED, actor, change, is_partial, subject_of, thing
from kwho.views import Look
from kwho.views.body import Json, items, mapping, request_body, text, written, written_object

PREFIX: Final = "pod-security.kubernetes.io/"
MODES: Final = ("enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version")

_JSON_PATCH: Final = "/metadata/labels/pod-security.kubernetes.io~1"


class PodSecurity(msgspec.Struct, frozen=True, gc=False):
    """The Pod Security labels as (mode, value); of a part, value None says that the label was removed."""

    labels: tuple[tuple[str, str | None], ...] = ()
    partial: bool = False

    @property
    def plain(self) -> bool:
        """True without any such label."""
        return not self.labels

    def value(self, mode: str) -> str | None:
        """The value of a label such as `enforce`."""
        return dict(self.labels).get(mode)

    def onto(self, former: Self) -> Self:
        """The former labels with the told ones set or removed; labels that a patch leaves out stay as they are."""
        merged = {**dict(former.labels), **dict(self.labels)}
        kept = tuple((mode, merged[mode]) for mode in MODES if merged.get(mode) is not None)
        return msgspec.structs.replace(self, labels=kept, partial=former.partial)


class Namespaces:
    """Finds facts about namespaces, each a thing outside of all namespaces."""

    kind = "namespaces"
    condition = f"target:namespaces {CHANGED}"
    resources = (("", "namespaces"),)

    def observe(self, look: Look) -> Iterator[Fact]:
        """The namespace that is written or deleted."""
        found = subject_of(look, self.kind)
        if found is not None:
            free = thing(look, self.kind, found.name)._replace(namespace=None)
            yield Fact(free, look.see(change), actor(look), _content(look))


def _content(look: Look) -> PodSecurity | None:
    partial = look.see(is_partial)
    if look.see(written) is None and not partial:
        removed = tuple(_removed(look.see(request_body)))
        return PodSecurity(removed, partial=True) if removed else None
    labels = mapping(look.see(written_object), "metadata").get("labels")
    told = labels if isinstance(labels, dict) else {}
    found: dict[str, str | None] = {
        mode: clip(text(told[PREFIX + mode]))
        for mode in MODES
        if isinstance(told.get(PREFIX + mode), str) or (partial and PREFIX + mode in told)
    }
    if partial:
        found |= dict(_removed(look.see(request_body)))
    return PodSecurity(tuple(found.items()), partial)


def _removed(patch: Json) -> Iterator[tuple[str, None]]:
    """The labels that a JSON patch removes."""
    for operation in items(patch):
        path = text(mapping(operation).get("path")) or ""
        mode = path.removeprefix(_JSON_PATCH)
        if mapping(operation).get("op") == "remove" and mode != path and mode in MODES:
            yield mode, None
