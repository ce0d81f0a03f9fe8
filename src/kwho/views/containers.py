"""What the containers of a pod ask for; every list holds each value once, every flag means "any container"."""

from collections.abc import Iterator
from typing import Final

from kwho.views import Look
from kwho.views.body import Json, mapping, mappings, text, texts
from kwho.views.podspec import Pod, pod

_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP: Final = ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/")
_ACTIONS: Final = (
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
)


def images(look: Look) -> tuple[str, ...]:
    """Images of all containers."""
    return _texts(look, "image")


def registries(look: Look) -> tuple[str, ...]:
    """Where the images come from: the registry and the first part of the path, as `ghcr.io/shop`."""
    return tuple(dict.fromkeys(map(registry_of, images(look))))


def registry_of(image: str) -> str:
    """The registry of an image with the organisation in it; what names no registry comes from `docker.io`.

    An image without an organisation is one of Docker's `library`, or stands at the root of its registry.
    """
    first, slash, rest = image.partition("/")
    named = bool(slash) and (any(sign in first for sign in ".:") or first == "localhost")
    host, path = (first, rest) if named else ("docker.io", image)
    organisation, inner, _ = path.partition("/")
    if inner:
        return f"{host}/{organisation}"
    return host if named else f"{host}/library"


def names(look: Look) -> tuple[str, ...]:
    """Names of all containers."""
    return _texts(look, "name")


def privileged(look: Look) -> bool | None:
    """True when a container is privileged."""
    return _any_container(look, "privileged")


def allow_privilege_escalation(look: Look) -> bool | None:
    """True when a container says so explicitly; the default does not count."""
    return _any_container(look, "allowPrivilegeEscalation")


def run_as_root(look: Look) -> bool | None:
    """True when the pod or a container asks for user 0, or says that it need not be another."""
    found = look.see(pod)
    if found is None:
        return None
    return any(
        _is_zero(context.get("runAsUser")) or context.get("runAsNonRoot") is False for context in _contexts(found)
    )


def host_process(look: Look) -> bool | None:
    """True when the pod or a container is a Windows host process."""
    found = look.see(pod)
    if found is None:
        return None
    return any(mapping(context, "windowsOptions").get("hostProcess") is True for context in _contexts(found))


def interactive(look: Look) -> bool | None:
    """True when a container keeps both its standard input and a terminal."""
    found = look.see(pod)
    if found is None:
        return None
    return any(container.get("stdin") is True and container.get("tty") is True for container in found.containers)


def capabilities(look: Look) -> tuple[str, ...]:
    """Added capabilities, upper case, without `CAP_`."""
    found = look.see(pod)
    if found is None:
        return ()
    added = (name for context in _contexts(found) for name in texts(mapping(context, "capabilities").get("add")))
    return _unique(name.upper().removeprefix("CAP_") for name in added)


def host_ports(look: Look) -> tuple[int, ...]:
    """Ports of the node that are taken."""
    found = look.see(pod)
    if found is None:
        return ()
    ports = (port.get("hostPort") for container in found.containers for port in mappings(container.get("ports")))
    return tuple(dict.fromkeys(port for port in ports if isinstance(port, int) and port is not True and port > 0))


def proc_mount(look: Look) -> tuple[str, ...]:
    """How `/proc` is mounted, where a container says so."""
    found = look.see(pod)
    return () if found is None else _unique(text(context.get("procMount")) for context in _contexts(found))


def seccomp(look: Look) -> tuple[str, ...]:
    """Types of the seccomp profiles of pod and containers; values of the older annotations as they are."""
    found = look.see(pod)
    if found is None:
        return ()
    return _unique((*_profiles(found, "seccompProfile"), *_annotated(found, _SECCOMP)))


def apparmor(look: Look) -> tuple[str, ...]:
    """Types of the AppArmor profiles of pod and containers; values of the older annotations as they are."""
    found = look.see(pod)
    if found is None:
        return ()
    return _unique((*_profiles(found, "appArmorProfile"), *_annotated(found, (_APPARMOR,))))


def commands(look: Look) -> tuple[str, ...]:
    """What runs: of each container its command and arguments, its hooks and its probes, each joined by blanks."""
    found = look.see(pod)
    return () if found is None else _unique(line for container in found.containers for line in _lines(container))


def environment(look: Look) -> tuple[str, ...]:
    """Variables that are given literally, as `NAME=value`."""
    found = look.see(pod)
    if found is None:
        return ()
    return tuple(
        f"{text(variable.get('name')) or ''}={text(variable.get('value')) or ''}"
        for container in found.containers
        for variable in mappings(container.get("env"))
        if "valueFrom" not in variable
    )


def _contexts(found: Pod) -> Iterator[dict[str, Json]]:
    """The security contexts of the pod and of every container."""
    yield mapping(found.spec, "securityContext")
    for container in found.containers:
        yield mapping(container, "securityContext")


def _any_container(look: Look, key: str) -> bool | None:
    found = look.see(pod)
    if found is None:
        return None
    return any(mapping(container, "securityContext").get(key) is True for container in found.containers)


def _texts(look: Look, key: str) -> tuple[str, ...]:
    found = look.see(pod)
    return () if found is None else _unique(text(container.get(key)) for container in found.containers)


def _profiles(found: Pod, key: str) -> Iterator[str | None]:
    return (text(mapping(context, key).get("type")) for context in _contexts(found))


def _annotated(found: Pod, prefixes: tuple[str, ...]) -> Iterator[str | None]:
    values = mapping(found.metadata, "annotations")
    return (text(value) for key, value in values.items() if key.startswith(prefixes))


def _lines(container: dict[str, Json]) -> Iterator[str]:
    yield " ".join((*texts(container.get("command")), *texts(container.get("args"))))
    for action in _ACTIONS:
        yield " ".join(texts(mapping(container, *action, "exec").get("command")))


def _is_zero(value: Json) -> bool:
    return isinstance(value, int) and value is not False and value == 0


def _unique(values: Iterator[str | None] | tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
