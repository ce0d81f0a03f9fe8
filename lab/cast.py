"""The people, machines and addresses of the lab's organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OFFICE: Final = "203.0.113.10"  # the NAT that everybody in the office shares
VPN: Final = tuple(f"203.0.113.{n}" for n in range(64, 72))
HOMES: Final = tuple(f"198.51.100.{n}" for n in range(20, 30))
STRANGERS: Final = tuple(f"192.0.2.{n}" for n in range(40, 60))  # hosted machines nobody knows
RUNNERS: Final = ("10.20.0.5", "10.20.0.6")
BASTION: Final = "10.30.0.4"


@dataclass(frozen=True)
class Person:
    """Somebody with a login at the identity provider, and habits."""

    name: str
    groups: tuple[str, ...]
    namespaces: tuple[str, ...]
    agent: str
    home: str
    hours: tuple[int, int]  # first and last hour of the working day

    @property
    def email(self) -> str:
        """The login."""
        return f"{self.name}@example.com"

    @property
    def user(self) -> str:
        """The user name that the audit log shows."""
        return f"oidc:{self.email}"


def _kubectl(version: str, platform: str, commit: str) -> str:
    return f"kubectl/{version} ({platform}) kubernetes/{commit}"


_MAC: Final = _kubectl("v1.35.2", "darwin/arm64", "a2f7b3c")
_LINUX: Final = _kubectl("v1.36.1", "linux/amd64", "9d1c0aa")
_OLD: Final = _kubectl("v1.30.4", "linux/amd64", "a51b3b7")
LENS: Final = "Lens/2024.11.261604 (darwin/arm64)"
K9S: Final = "k9s/v0.32.7 (darwin/arm64) kubernetes/$Format"

PEOPLE: Final = {
    person.name: person
    for person in (
        Person("alice", ("employees", "team-shop"), ("shop", "staging"), _MAC, HOMES[0], (9, 17)),
        Person("bob", ("employees", "team-payments"), ("payments",), _LINUX, HOMES[1], (8, 16)),
        Person(
            "carol", ("employees", "sre"), ("kube-system", "monitoring", "shop", "data"), _LINUX, HOMES[2], (10, 19)
        ),
        Person("dave", ("employees", "team-data"), ("data",), _OLD, HOMES[3], (7, 15)),
        Person("erin", ("employees", "team-shop"), ("shop", "staging"), K9S, HOMES[4], (9, 18)),
        Person("frank", ("employees", "sre"), ("kube-system", "ci", "argocd"), _MAC, HOMES[5], (0, 8)),
        Person("grace", ("employees", "support"), ("shop",), LENS, HOMES[6], (9, 17)),
        Person("heidi", ("employees", "team-data"), ("data",), _MAC, HOMES[7], (11, 20)),
    )
}

STATIC_TOKENS: Final = {
    "legacy-ci": ("legacy-ci", ("deployers",)),
    "payments-ci": ("payments-ci", ("pipelines",)),
    "node-bootstrap": ("system:bootstrap:a1b2c3", ("system:bootstrappers",)),
    "break-glass": ("break-glass", ("system:masters",)),
}
"""Static tokens by name: the user and groups that each stands for. The token itself is made at every start."""

AGENTS: Final = {
    "ci": "Helm/3.16.3",
    "old-ci": "Helm/3.8.2",
    "argocd": "argocd-application-controller/v2.13.1 (linux/amd64) kubernetes/$Format",
    "prometheus": "Prometheus/2.55.1",
    "kube-state-metrics": "kube-state-metrics/v2.14.0 (linux/amd64) kube-state-metrics/b2c4",
    "backup": "velero-server/v1.15.0 (linux/amd64) 1d4f1475975b5107ec35f4d19ff17f7d1fcb3edf",
    "cert-manager": "cert-manager-certificates-trigger/v1.16.2 (linux/amd64) cert-manager/9d6d4f5",
    "operator": "orders-operator/v1.9.1 (linux/amd64) kubernetes/$Format",
    "terraform": "HashiCorp/1.0 Terraform/1.10.0",
    "scanner": "trivy-operator/0.57.0 (linux/amd64) kubernetes/$Format",
    "vendor": "vendor-agent/8.4.2",
    "python": "OpenAPI-Generator/31.0.0/python",
    "curl": "curl/8.10.1",
    "admin": _LINUX,
}
