"""The stage of the demo: a small company's cluster, its applications, operators and people, as tables.

Every name, address and agent is made up. Inside addresses are private (nodes 10.0.0.0/24, pods 10.244.0.0/16, the
company's network 10.2.0.0/16); whatever comes from outside has an address reserved for documentation.
"""

from typing import Final, NamedTuple

VERSION: Final = "v1.33.4 (linux/amd64) kubernetes/74cdb42"
CONTROL_PLANE: Final = "10.0.0.10"
KUBECTL: Final = f"kubectl/{VERSION}"

GROUPS: Final = tuple(
    f"/apis/{group}/{version}"
    for group, versions in {
        "admissionregistration.k8s.io": "v1",
        "apiextensions.k8s.io": "v1",
        "apiregistration.k8s.io": "v1",
        "apps": "v1",
        "argoproj.io": "v1alpha1",
        "authentication.k8s.io": "v1",
        "authorization.k8s.io": "v1",
        "autoscaling": "v1 v2",
        "batch": "v1",
        "certificates.k8s.io": "v1",
        "cert-manager.io": "v1",
        "acme.cert-manager.io": "v1",
        "coordination.k8s.io": "v1",
        "discovery.k8s.io": "v1",
        "events.k8s.io": "v1",
        "external-secrets.io": "v1 v1beta1",
        "flowcontrol.apiserver.k8s.io": "v1",
        "kyverno.io": "v1 v2 v2beta1",
        "metrics.k8s.io": "v1beta1",
        "monitoring.coreos.com": "v1 v1alpha1 v1beta1",
        "networking.k8s.io": "v1",
        "node.k8s.io": "v1",
        "policy": "v1",
        "postgresql.cnpg.io": "v1",
        "rbac.authorization.k8s.io": "v1",
        "reports.kyverno.io": "v1",
        "scheduling.k8s.io": "v1",
        "snapshot.storage.k8s.io": "v1 v1beta1",
        "storage.k8s.io": "v1",
        "velero.io": "v1 v2alpha1",
        "wgpolicyk8s.io": "v1alpha2 v1beta1",
    }.items()
    for version in versions.split()
)
DISCOVERY: Final = ("/api", "/apis", "/api/v1", "/version", "/openapi/v2", *GROUPS)
"""What a client without aggregated discovery asks for, one GET each."""

APPS: Final = {
    "payments": ("payments-api", "ledger", "settlement"),
    "checkout": ("checkout-web", "cart", "pricing"),
    "catalog": ("catalog-api", "search-indexer", "images"),
    "identity": ("login", "sessions"),
    "frontend": ("storefront", "edge-cache"),
    "data": ("etl-loader", "reports"),
    "legacy": ("invoice-portal",),
}
"""Applications by namespace; two pods each."""

CONTROLLERS: Final = {
    "deployment-controller": ("update apps/deployments/status", "update apps/replicasets"),
    "replicaset-controller": ("update apps/replicasets/status", "create core/events = 201"),
    "endpointslice-controller": ("update discovery.k8s.io/endpointslices", "update discovery.k8s.io/endpointslices"),
    "endpoint-controller": ("update core/endpoints", "update core/endpoints"),
    "horizontal-pod-autoscaler": ("list metrics.k8s.io/pods @", "update autoscaling/horizontalpodautoscalers/status"),
    "resourcequota-controller": ("update core/resourcequotas/status", "list core/pods @"),
    "cronjob-controller": ("update batch/cronjobs/status", "list batch/jobs @"),
    "attachdetach-controller": ("get core/persistentvolumeclaims", "patch core/nodes/status /worker-1"),
    "disruption-controller": ("update policy/poddisruptionbudgets/status", "list core/pods @"),
    "generic-garbage-collector": ("get apps/replicasets = 404", "get core/pods = 404"),
    "root-ca-cert-publisher": ("get core/configmaps @kube-root-ca.crt", "create core/configmaps = 409"),
    "persistent-volume-binder": ("get core/persistentvolumes /pvc-data-0", "update core/persistentvolumeclaims/status"),
}
"""Controllers of the controller manager (accounts of kube-system) and what they ask, as `traffic.asks` reads it."""


class Operator(NamedTuple):
    """A service account that keeps the cluster going: its share of the reconcile traffic, and what it asks."""

    namespace: str
    name: str
    agent: str
    weight: float
    asks: tuple[str, ...]
    watches: tuple[str, ...] = ()
    lease: tuple[str, float] | None = None


OPERATORS: Final = (
    Operator(
        "monitoring",
        "prometheus-operator",
        "PrometheusOperator/0.85.0",
        5.0,
        (
            "get core/secrets monitoring/prometheus-main-tls-assets-0",
            "get core/secrets monitoring/prometheus-main-web-config",
            "update core/secrets monitoring/prometheus-main",
            "delete core/secrets monitoring/prometheus-main-scrape-extra = 404",
            "delete core/secrets monitoring/prometheus-main-alert-extra = 404",
            "list core/secrets monitoring/",
            "get apps/statefulsets monitoring/prometheus-main",
            "update apps/statefulsets monitoring/prometheus-main",
            "get core/services monitoring/prometheus-operated",
            "update core/services monitoring/prometheus-operated",
            "list monitoring.coreos.com/servicemonitors monitoring/",
            "update monitoring.coreos.com/prometheuses/status monitoring/main",
            "create core/events monitoring/ = 201",
        ),
        ("monitoring.coreos.com/prometheuses", "monitoring.coreos.com/servicemonitors", "apps/statefulsets"),
    ),
    Operator(
        "argocd",
        "argocd-application-controller",
        "argocd-application-controller/v3.1.5 (linux/amd64)",
        4.0,
        (
            "list apps/deployments",
            "get apps/deployments",
            "get core/services",
            "get core/configmaps",
            "get core/serviceaccounts = 404",
            "get networking.k8s.io/ingresses",
            "get rbac.authorization.k8s.io/roles = 404",
            "patch argoproj.io/applications argocd/shop",
            "get argoproj.io/applications argocd/shop",
            "create core/events argocd/ = 201",
        ),
        ("argoproj.io/applications", "apps/deployments", "core/services", "core/configmaps", "batch/cronjobs"),
    ),
    Operator(
        "cert-manager",
        "cert-manager",
        "cert-manager-certificates/v1.18.2 (linux/amd64) cert-manager/c0ecd5b",
        1.0,
        (
            "get cert-manager.io/certificates frontend/storefront-tls",
            "get core/secrets frontend/storefront-tls",
            "update cert-manager.io/certificates/status frontend/storefront-tls",
            "get acme.cert-manager.io/challenges frontend/storefront-tls-0 = 404",
        ),
        ("cert-manager.io/certificates", "cert-manager.io/issuers", "core/secrets"),
        ("cert-manager-controller", 15.03),
    ),
    Operator(
        "cert-manager",
        "cert-manager-cainjector",
        "cainjector/v1.18.2 (linux/amd64) cert-manager/c0ecd5b",
        0.3,
        ("get core/secrets cert-manager/cert-manager-webhook-ca", "list apiregistration.k8s.io/apiservices"),
        ("apiregistration.k8s.io/apiservices",),
        ("cert-manager-cainjector-leader-election", 15.03),
    ),
    Operator(
        "ingress",
        "ingress-nginx",
        "nginx-ingress-controller/v1.13.2 (linux/amd64) ingress-nginx/a7b4e1f",
        0.8,
        (
            "get core/secrets frontend/storefront-tls",
            "update networking.k8s.io/ingresses/status frontend/storefront",
            "create core/events ingress/ = 201",
        ),
        ("networking.k8s.io/ingresses", "core/services", "discovery.k8s.io/endpointslices"),
        ("ingress-nginx-leader", 7.53),
    ),
    Operator(
        "kyverno",
        "kyverno-background-controller",
        "background-controller/v1.15.1 (linux/amd64) kyverno/2f4c8d1",
        1.5,
        (
            "list kyverno.io/clusterpolicies",
            "list core/namespaces",
            "get reports.kyverno.io/ephemeralreports payments/report-0 = 404",
            "update wgpolicyk8s.io/policyreports payments/cpol-require-limits",
            "update wgpolicyk8s.io/policyreports checkout/cpol-require-limits = 409",
            "create reports.kyverno.io/ephemeralreports payments/ = 201",
            "delete reports.kyverno.io/ephemeralreports payments/report-1",
        ),
        ("kyverno.io/clusterpolicies", "core/namespaces"),
    ),
    Operator(
        "data",
        "postgres-operator",
        "manager/v1.27.0 (linux/amd64) cnpg/5d9b5a7",
        1.5,
        (
            "get postgresql.cnpg.io/clusters data/orders",
            "update postgresql.cnpg.io/clusters/status data/orders",
            "update postgresql.cnpg.io/clusters/status data/orders = 409",
            "get core/secrets data/orders-superuser",
            "get core/pods data/orders-1",
            "list core/persistentvolumeclaims data/",
        ),
        ("postgresql.cnpg.io/clusters", "core/pods", "core/persistentvolumeclaims"),
    ),
    Operator(
        "external-secrets",
        "external-secrets",
        "external-secrets/v0.19.2 (linux/amd64)",
        1.2,
        (
            "get external-secrets.io/externalsecrets payments/gateway-credentials",
            "get core/secrets payments/gateway-credentials",
            "update core/secrets payments/gateway-credentials",
            "update external-secrets.io/externalsecrets/status payments/gateway-credentials",
            "get core/secrets checkout/feature-flags = 404",
        ),
        ("external-secrets.io/externalsecrets", "core/secrets"),
    ),
    Operator(
        "payments",
        "api",
        "payments-api/2.7 (linux/amd64)",
        0.3,
        ("get core/configmaps payments/settings", "get core/endpoints payments/ledger"),
        ("core/configmaps payments/settings",),
    ),
    Operator(
        "kube-system",
        "metrics-server",
        "metrics-server/v0.8.0 (linux/amd64) kubernetes-sigs/metrics-server",
        1.0,
        (
            "create authorization.k8s.io/subjectaccessreviews = 201",
            "create authentication.k8s.io/tokenreviews = 201",
            "get core/configmaps kube-system/extension-apiserver-authentication",
            "get core/nodes /worker-1",
        ),
        ("core/nodes", "core/pods"),
    ),
    Operator(
        "monitoring",
        "kube-state-metrics",
        "kube-state-metrics/v2.17.0 (linux/amd64)",
        0.4,
        ("list core/pods", "list apps/replicasets", "list batch/jobs", "get core/nodes /worker-2 = 403"),
        ("core/pods", "core/nodes", "apps/replicasets", "batch/jobs", "core/persistentvolumes"),
    ),
    Operator(
        "kube-system",
        "coredns",
        "coredns/1.12.1 (linux/amd64)",
        0.1,
        ("list discovery.k8s.io/endpointslices", "get core/nodes /worker-1 = 403"),
        ("discovery.k8s.io/endpointslices", "core/namespaces", "core/services"),
    ),
)

PEOPLE: Final = {
    "alice@example.com": ("platform", "10.2.3.14", KUBECTL),
    "bruno@example.com": ("platform", "10.2.3.22", "k9s/v0.50.9 (linux/amd64) kubernetes/$Format"),
    "chiara@example.com": ("payments-developers", "10.2.4.7", "kubectl/v1.32.8 (darwin/arm64) kubernetes/2e83bc4"),
    "dmitri@example.com": ("payments-developers", "10.2.4.31", KUBECTL),
    "emeka@example.com": ("shop-developers", "10.2.5.9", "kubectl/v1.33.4 (darwin/arm64) kubernetes/74cdb42"),
    "fatima@example.com": ("shop-developers", "10.2.5.44", "kubectl/v1.31.12 (windows/amd64) kubernetes/55e1e1b"),
    "george@example.com": ("support", "10.2.9.3", "Headlamp/0.35.0"),
}
"""People by name: team, usual address, usual client. They work from 7 to 17 h UTC."""
