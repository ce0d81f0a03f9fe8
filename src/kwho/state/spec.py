"""What pods and the templates of pods ask for, as facts keep it."""

from typing import Final, NamedTuple, Self

import msgspec

from kwho.state.fact import MOST, clip, clip_all
from kwho.state.things import is_partial
from kwho.views import Look, containers, podspec
from kwho.views.body import mapping, mappings, text, written_object

DEFAULT: Final = "default"
"""The service account of a pod that names none."""


class Owner(NamedTuple):
    """The object that a pod or template was made for, such as `ReplicaSet` and `web-5c9`."""

    kind: str
    name: str


class Spec(msgspec.Struct, frozen=True, gc=False):
    """A pod or a template: its service account, what it asks of the node, its containers as name and image.

    `demands` are the flags that are true: privileged, hostPID, hostIPC, hostNetwork, hostProcess. `generated` is the
    prefix of a name that the server completes.
    """

    account: str | None = None
    demands: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    containers: tuple[tuple[str, str], ...] = ()
    owners: tuple[Owner, ...] = ()
    node: str | None = None
    generated: str | None = None
    mirror: bool = False
    partial: bool = False

    @property
    def plain(self) -> bool:
        """True for the default service account and nothing of the node."""
        return self.account in (None, DEFAULT) and not (self.demands or self.host_paths or self.capabilities)

    def onto(self, former: Self) -> Self:
        """What was known with what a part adds; a container of the same name gets its new image.

        What tells the node and nothing else leaves nothing in doubt.
        """
        images = {
            **dict(former.containers),
            **{name: image or dict(former.containers).get(name, "") for name, image in self.containers},
        }
        return msgspec.structs.replace(
            former,
            account=self.account or former.account,
            demands=_union(former.demands, self.demands),
            host_paths=_union(former.host_paths, self.host_paths),
            capabilities=_union(former.capabilities, self.capabilities),
            containers=tuple(images.items())[:MOST],
            node=self.node or former.node,
            partial=former.partial or self != Spec(node=self.node, partial=True),
        )


def read_spec(look: Look) -> Spec | None:
    """The pod or template that the request writes; None when no body tells."""
    found = look.see(podspec.pod)
    if found is None:
        return None
    partial = look.see(is_partial) or bool(look.event.objectRef and look.event.objectRef.subresource)
    accounts = podspec.service_account(look)
    metadata = mapping(look.see(written_object), "metadata")
    return Spec(
        clip(accounts[0]) if accounts else None if partial else DEFAULT,
        tuple(name for name, holds in _DEMANDS if holds(look)),
        clip_all(podspec.host_paths(look)),
        clip_all(containers.capabilities(look)),
        tuple(
            (clip(text(container.get("name"))) or "", clip(text(container.get("image"))) or "")
            for container in found.containers[:MOST]
        ),
        tuple(
            Owner(clip(text(owner.get("kind"))) or "", clip(text(owner.get("name"))) or "")
            for owner in list(mappings(metadata.get("ownerReferences")))[:MOST]
        ),
        clip(text(found.spec.get("nodeName"))),
        None if text(metadata.get("name")) else clip(text(metadata.get("generateName"))),
        podspec.mirror(look) is True,
        partial,
    )


_DEMANDS: Final = (
    ("privileged", containers.privileged),
    ("hostPID", lambda look: podspec.pod_flag(look, "hostPID")),
    ("hostIPC", lambda look: podspec.pod_flag(look, "hostIPC")),
    ("hostNetwork", lambda look: podspec.pod_flag(look, "hostNetwork")),
    ("hostProcess", containers.host_process),
)


def _union(former: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*former, *added)))[:MOST]
