"""Whom a role binding gives which role."""

from typing import Final, NamedTuple

from kwho.views import Look
from kwho.views.body import Concern, Json, concerns, mapping, mappings, text, written_object

_BINDINGS: Final = Concern(
    resources=frozenset({"rolebindings", "clusterrolebindings"}),
    groups=frozenset({"rbac.authorization.k8s.io", "authorization.openshift.io"}),
    kinds=frozenset({"RoleBinding", "ClusterRoleBinding"}),
)


class Binding(NamedTuple):
    """The role as `Kind/name`, its bare name, and the subjects as `Kind:name` or `ServiceAccount:namespace/name`."""

    role: str | None = None
    role_name: str | None = None
    subjects: tuple[str, ...] = ()


def binding(look: Look) -> Binding:
    """The written role binding as far as the event tells; a patch often names subjects and no role."""
    if not concerns(look, _BINDINGS):
        return Binding()
    body = look.see(written_object)
    ref = mapping(body, "roleRef")
    kind, name = text(ref.get("kind")), text(ref.get("name"))
    role = f"{kind}/{name}" if kind and name else name
    subjects = (_subject(subject) for subject in mappings(body.get("subjects")))
    return Binding(role, name, tuple(dict.fromkeys(subject for subject in subjects if subject)))


def _subject(subject: dict[str, Json]) -> str | None:
    kind, name, namespace = (text(subject.get(key)) for key in ("kind", "name", "namespace"))
    if not name:
        return None
    bare = f"{namespace}/{name}" if namespace and kind == "ServiceAccount" else name
    return f"{kind}:{bare}" if kind else bare
