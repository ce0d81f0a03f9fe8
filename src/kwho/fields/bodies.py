"""Fields that are read from the object that a request writes."""

from typing import Final

from kwho.fields.field import field, needing
from kwho.views import binding, certificate, configmap, containers, grants, objects, podspec, token

_PODS: Final = (
    field(
        "pod.from",
        "text",
        podspec.origin,
        "Where the pod or template was read: `requestObject`, `responseObject` or `patch` (a fragment).",
    ),
    field("pod.images", "text", containers.images, "Images of all containers."),
    field(
        "pod.registries",
        "text",
        containers.registries,
        "Registries of all images with the organisation, as `ghcr.io/shop`; `docker.io` where none is named.",
    ),
    field("pod.privileged", "boolean", containers.privileged, "True when any container is privileged."),
    field(
        "pod.allowPrivilegeEscalation",
        "boolean",
        containers.allow_privilege_escalation,
        "True when any container allows privilege escalation explicitly.",
    ),
    field(
        "pod.runAsRoot",
        "boolean",
        containers.run_as_root,
        "True when the pod or any container has `runAsUser` 0 or `runAsNonRoot` false.",
    ),
    field("pod.capabilities", "text", containers.capabilities, "Added capabilities, upper case, without `CAP_`."),
    field(
        "pod.hostPaths",
        "text",
        podspec.host_paths,
        "Mounted paths of the node, normalised: no `..`, no doubled or trailing slash, `/run` for `/var/run`.",
    ),
    field(
        "pod.hostNetwork",
        "boolean",
        lambda look: podspec.pod_flag(look, "hostNetwork"),
        "True when the pod shares the network of the node.",
    ),
    field(
        "pod.hostPID",
        "boolean",
        lambda look: podspec.pod_flag(look, "hostPID"),
        "True when the pod sees the processes of the node.",
    ),
    field(
        "pod.hostIPC",
        "boolean",
        lambda look: podspec.pod_flag(look, "hostIPC"),
        "True when the pod shares the IPC of the node.",
    ),
    field(
        "pod.shareProcessNamespace",
        "boolean",
        lambda look: podspec.pod_flag(look, "shareProcessNamespace"),
        "True when the containers see each other's processes.",
    ),
    field("pod.hostPorts", "integer", containers.host_ports, "Ports of the node that are taken."),
    field("pod.procMount", "text", containers.proc_mount, "How `/proc` is mounted, where a container says so."),
    field(
        "pod.seccomp",
        "text",
        containers.seccomp,
        "Types of the seccomp profiles of pod and containers, older annotations included.",
    ),
    field(
        "pod.appArmor",
        "text",
        containers.apparmor,
        "Types of the AppArmor profiles of pod and containers, older annotations included.",
    ),
    field(
        "pod.hostProcess",
        "boolean",
        containers.host_process,
        "True when the pod or any container is a Windows host process.",
    ),
    field(
        "pod.commands",
        "text",
        containers.commands,
        "What runs: command and arguments of each container, of its hooks and probes, joined by blanks.",
    ),
    field("pod.serviceAccount", "text", podspec.service_account, "The service account that the pod runs as."),
    field(
        "pod.interactive",
        "boolean",
        containers.interactive,
        "True when any container keeps standard input and a terminal.",
    ),
    field("pod.mirror", "boolean", podspec.mirror, "True for the mirror of a static pod."),
    field("pod.names", "text", podspec.names, "The name of the object; for a generated name, the one in the response."),
    field("pod.containers", "text", containers.names, "Names of all containers."),
    field("pod.annotations", "text", podspec.annotations, "Annotations of the pod or template, as `key=value`."),
    field("pod.env", "text", containers.environment, "Literal environment variables, as `NAME=value`."),
)

_ACCESS: Final = (
    field(
        "binding.role",
        "text",
        lambda look: look.see(binding.binding).role,
        "The role of a written binding, as `Kind/name`.",
    ),
    field(
        "binding.role.name",
        "text",
        lambda look: look.see(binding.binding).role_name,
        "The bare name of the role of a written binding.",
    ),
    field(
        "binding.subjects",
        "text",
        lambda look: look.see(binding.binding).subjects,
        "Subjects of a written binding: `User:name`, `Group:name`, `ServiceAccount:namespace/name`.",
    ),
    field(
        "grants",
        "text",
        lambda look: look.see(grants.grants).resources,
        "Permissions of a written role as `verb:group/resource`, `[name]` behind it where the rule names objects; "
        "the core group is `core`; at most 4096 of one rule and 65536 of one role, wildcards first.",
    ),
    field("grants.verbs", "text", lambda look: look.see(grants.grants).verbs, "All verbs of a written role."),
    field(
        "grants.nonResource",
        "text",
        lambda look: look.see(grants.grants).paths,
        "Permissions of a written role on paths, each as `verb:/path`; capped as `grants`.",
    ),
    field(
        "grants.capped",
        "boolean",
        lambda look: look.see(grants.grants).capped,
        "True when a written role has more permissions than `grants` lists.",
    ),
    field(
        "certificate.commonName",
        "text",
        lambda look: look.see(certificate.subject).common_names,
        "Common names that a certificate signing request asks for.",
    ),
    field(
        "certificate.organizations",
        "text",
        lambda look: look.see(certificate.subject).organizations,
        "Organisations (groups) that a certificate signing request asks for.",
    ),
    field(
        "certificate.dnsNames",
        "text",
        lambda look: look.see(certificate.subject).dns_names,
        "DNS names that a certificate signing request asks for.",
    ),
    field(
        "certificate.signerName", "text", certificate.signer, "The signer that a certificate signing request is for."
    ),
    field("certificate.usages", "text", certificate.usages, "Usages that a certificate signing request asks for."),
    field(
        "certificate.approved",
        "boolean",
        certificate.approved,
        "True when the written certificate signing request carries the condition Approved.",
    ),
    field(
        "token.audiences",
        "text",
        lambda look: look.see(token.token_request).audiences,
        "Audiences of a requested token.",
    ),
    field(
        "token.expirationSeconds",
        "integer",
        lambda look: look.see(token.token_request).seconds,
        "Lifetime in seconds of a requested token.",
    ),
    field(
        "token.boundTo",
        "text",
        lambda look: look.see(token.token_request).bound_to,
        "The object that a requested token dies with, as `Kind/name`.",
    ),
)

_OBJECTS: Final = (
    field("service.type", "text", objects.service_type, "The type of a written service."),
    field("service.externalIPs", "address", objects.external_ips, "Addresses whose traffic a written service takes."),
    field(
        "configmap.credentials",
        "text",
        configmap.credentials,
        "Keys of a written configmap under which a password, a cloud key or a private key seems to stand.",
    ),
    field("namespace.labels", "text", objects.namespace_labels, "Labels of a written namespace, as `key=value`."),
    field("object.labels", "text", objects.labels, "Labels of the written object, as `key=value`."),
    field("object.annotations", "text", objects.annotations, "Annotations of the written object, as `key=value`."),
    field("object.ownerKinds", "text", objects.owner_kinds, "Kinds of the owners of the written object."),
    field(
        "webhook.url",
        "text",
        objects.webhook_urls,
        "URLs outside the cluster in a written admission webhook configuration.",
    ),
    field(
        "webhook.services",
        "text",
        objects.webhook_services,
        "Services in a written admission webhook configuration, as `namespace/name`.",
    ),
    field(
        "webhook.failurePolicy",
        "text",
        objects.webhook_failure_policies,
        "Failure policies in a written admission webhook configuration.",
    ),
)

BODIES: Final = needing("requestObject", "Request", *_PODS, *_ACCESS, *_OBJECTS)
