"""What looks like an audit event and is none: named, counted and left alone."""

import re
from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Refusal, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Tree

_KLOG: Final = re.compile(rb"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,9} +\d+ [^\s\]]{1,256}\]")
_HOST: Final = re.compile(rb"(?:node=\S+ )?type=\S+ msg=audit\(")


class Lookalikes:
    """Admission reviews, Falco alerts, Kubernetes Events, component logs, the audit of hosts."""

    priority = 90
    formats = ("kube-audit-rest",)
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1"}}\n',
        b'{"output":"x","rule":"r","output_fields":{"ka.verb":"get"}}\n',
        b'{"kind":"Event","apiVersion":"v1","involvedObject":{"kind":"Pod"},"reason":"Started"}\n',
        b"I0301 08:00:00.000001       1 main.go:42] started\n",
        b"type=SYSCALL msg=audit(1772352000.000:1): arch=c000003e\n",
    )

    def strip(self, line: bytes, /) -> Step | None:
        """A line of a component's log, or of the Linux audit daemon."""
        if _KLOG.match(line):
            return Refusal("klog", data=line)
        return Refusal("host audit", data=line) if _HOST.match(line) else None

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """An object of another kind."""
        reason, slug = None, None
        if "auditID" in tree or is_event(tree.members):
            return None
        if tree.text("kind") == "AdmissionReview":
            reason, slug = "AdmissionReview", "kube-audit-rest"
        elif "output_fields" in tree and "rule" in tree:
            reason = "Falco alert"
        elif "involvedObject" in tree or "regarding" in tree:
            reason = "Kubernetes Event"
        return None if reason is None else (Refusal(reason, data=tree.raw, facts=Facts(slug)),)


FORMAT: Final = Lookalikes()
