"""What a pod, or a template that pods are made from, asks for; all three container lists, wherever the template stands.

Only what the request can change is read: of `pods/ephemeralcontainers` the ephemeral containers, of `status`, `scale`
and the other subresources nothing.
"""

import posixpath
from collections.abc import Iterable
from typing import Final, NamedTuple

from kwho.schema.event import Event
from kwho.views import Look
from kwho.views.body import Json, Origin, mapping, mappings, pairs, response_body, text, written

CONTAINER_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")
MIRROR: Final = "kubernetes.io/config.mirror"

_EPHEMERAL: Final = "ephemeralcontainers"
_TEMPLATE: Final = ("spec", "template")
_CRON: Final = ("spec", "jobTemplate", "spec", "template")
_BARE: Final = ("template",)
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "pods": (), "podtemplates": _BARE, "replicationcontrollers": _TEMPLATE,
    "deployments": _TEMPLATE, "daemonsets": _TEMPLATE, "statefulsets": _TEMPLATE, "replicasets": _TEMPLATE,
    "jobs": _TEMPLATE, "cronjobs": _CRON, "deploymentconfigs": _TEMPLATE,
}  # fmt: skip
_KINDS: Final[dict[str, str]] = {
    "Pod": "pods", "PodTemplate": "podtemplates", "ReplicationController": "replicationcontrollers",
    "Deployment": "deployments", "DaemonSet": "daemonsets", "StatefulSet": "statefulsets", "ReplicaSet": "replicasets",
    "Job": "jobs", "CronJob": "cronjobs", "DeploymentConfig": "deploymentconfigs",
}  # fmt: skip
_GROUPS: Final = frozenset({"", "apps", "batch", "extensions", "apps.openshift.io"})


class Pod(NamedTuple):
    """One pod or pod template: where it was read, its own metadata, its spec, and every container of the spec."""

    origin: Origin
    name: str | None
    metadata: dict[str, Json]
    spec: dict[str, Json]
    containers: tuple[dict[str, Json], ...]


def pod(look: Look) -> Pod | None:
    """The pod or template that the request writes; None when it writes none.

    Of a resource that is not built in, `spec.template.spec` counts when it holds a list of containers.
    """
    found = look.see(written)
    if found is None:
        return None
    ref = look.event.objectRef
    subresource = (ref.subresource if ref is not None else None) or ""
    place = _place(look.event, found.object)
    if subresource and not (subresource == _EPHEMERAL and place == ()):
        return None
    template = mapping(found.object, *(_TEMPLATE if place is None else place))
    spec = mapping(template, "spec")
    if place is None and not isinstance(spec.get("containers"), list):
        return None
    if subresource:
        spec = {key: value for key, value in spec.items() if key == CONTAINER_LISTS[2]}
    containers = tuple(container for key in CONTAINER_LISTS for container in mappings(spec.get(key)))
    name = text(mapping(found.object, "metadata").get("name"))
    return Pod(found.origin, name, mapping(template, "metadata"), spec, containers)


def origin(look: Look) -> Origin | None:
    """Which body the pod was read from: `requestObject`, `responseObject`, or `patch` for a fragment."""
    found = look.see(pod)
    return None if found is None else found.origin


def names(look: Look) -> tuple[str, ...]:
    """The name of the object; for a generated name, the one in the response."""
    found = look.see(pod)
    if found is None:
        return ()
    name = found.name or text(mapping(look.see(response_body), "metadata").get("name"))
    return (name,) if name else ()


def annotations(look: Look) -> tuple[str, ...]:
    """Annotations of the pod or template as `key=value`."""
    found = look.see(pod)
    return () if found is None else pairs(found.metadata.get("annotations"))


def mirror(look: Look) -> bool | None:
    """True for the mirror of a static pod."""
    found = look.see(pod)
    return None if found is None else MIRROR in mapping(found.metadata, "annotations")


def service_account(look: Look) -> tuple[str, ...]:
    """The service account that the pod runs as, in its current and its older spelling."""
    found = look.see(pod)
    if found is None:
        return ()
    return _unique(text(found.spec.get(key)) for key in ("serviceAccountName", "serviceAccount"))


def host_paths(look: Look) -> tuple[str, ...]:
    """Paths of the node that are mounted, normalised."""
    found = look.see(pod)
    if found is None:
        return ()
    volumes = mappings(found.spec.get("volumes"))
    paths = (text(mapping(volume, "hostPath").get("path")) for volume in volumes)
    return _unique(normal_path(path) for path in paths if path)


def normal_path(path: str) -> str:
    """An absolute path without `..`, doubled and trailing slashes; `/var/run` is `/run`."""
    normal = posixpath.normpath("/" + path.lstrip("/"))
    return normal.removeprefix("/var") if normal == "/var/run" or normal.startswith("/var/run/") else normal


def pod_flag(look: Look, key: str) -> bool | None:
    """True when the pod sets this member of its spec to true; None without a pod."""
    found = look.see(pod)
    return None if found is None else found.spec.get(key) is True


def _place(event: Event, body: dict[str, Json]) -> tuple[str, ...] | None:
    ref = event.objectRef
    if ref is None or ref.resource is None:
        return _PLACES.get(_KINDS.get(text(body.get("kind")) or "", ""))
    return _PLACES.get(ref.resource) if (ref.apiGroup or "") in _GROUPS else None


def _unique(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
