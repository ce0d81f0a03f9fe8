"""Azure Kubernetes Service: diagnostic records (Event Hub, storage account) and the tables of Log Analytics."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from kwho.formats import Candidate, Facts, Inner, Refusal, Step
from kwho.formats.tree import Json, Tree, parse

_ENCODE: Final = msgspec.json.Encoder().encode
_COLUMNS: Final = {
    "AuditId": "auditID",
    "Level": "level",
    "Stage": "stage",
    "Verb": "verb",
    "RequestUri": "requestURI",
    "UserAgent": "userAgent",
    "User": "user",
    "ObjectRef": "objectRef",
    "ResponseStatus": "responseStatus",
    "SourceIps": "sourceIPs",
    "Annotations": "annotations",
    "RequestObject": "requestObject",
    "ResponseObject": "responseObject",
    "RequestReceivedTime": "requestReceivedTimestamp",
    "StageReceivedTime": "stageTimestamp",
}
_BODIES: Final = ("RequestObject", "ResponseObject")
_BODY_FIELDS: Final = tuple(_COLUMNS[column] for column in _BODIES)
_SKIPPED: Final = "skipped-too-big-size-object"


class Aks:
    """`records` of an Event Hub, single diagnostic records, rows of AKSAudit and of AzureDiagnostics."""

    priority = 120
    formats = ("aks-eventhub", "aks-eventhub-record", "aks-log-analytics-table", "aks-log-analytics-legacy")
    lists = frozenset({"records"})
    examples = (
        b'{"records":[{"category":"kube-audit","resourceId":"/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG/PROVIDERS/'
        b'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP","properties":{"log":"{\\"auditID\\":\\"k1\\",\\"verb\\":\\"get\\",'
        b'\\"stage\\":\\"ResponseComplete\\",\\"user\\":{\\"username\\":\\"ada\\"}}\\n","pod":"kube-apiserver-0"}}]}',
        b'{"category":"kube-audit-admin","properties":{"log":{"auditID":"k2","verb":"delete","stage":"ResponseComplete",'
        b'"user":{"username":"ada"}},"pod":"kube-apiserver-0"}}',
        b'{"AuditId":"k3","RequestUri":"/version","Verb":"get","Stage":"ResponseComplete","Level":"Request",'
        b'"User":"{\\"username\\":\\"ada\\"}","RequestObject":"skipped-too-big-size-object",'
        b'"RequestReceivedTime":"2026-03-01T08:00:00.000001Z"}',
        b'{"Category":"kube-audit","log_s":"{\\"auditID\\":\\"k4\\",\\"verb\\":\\"get\\",\\"stage\\":\\"ResponseComplete\\",'
        b'\\"user\\":{\\"username\\":\\"ada\\"}}","pod_s":"kube-apiserver-0"}',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """Diagnostic records and table rows."""
        if "records" in tree and (records := tree.items("records")) is not None:
            return (Inner(record, Facts("aks-eventhub")) for record in records)
        if "properties" in tree and (properties := tree.tree("properties")) is not None and "log" in properties:
            return _record(tree, properties)
        if "AuditId" in tree and "RequestUri" in tree:
            return (_row(tree),)
        if "log_s" in tree:
            return _legacy(tree)
        return None


def _cluster(resource: str | None) -> str | None:
    """Subscription, resource group and name out of a resource id, whose case Azure does not keep."""
    parts = (resource or "").lower().strip("/").split("/")
    if len(parts) < 8 or parts[0] != "subscriptions":
        return None
    return "/".join((parts[1], parts[3], parts[-1]))


def _record(tree: Tree, properties: Tree) -> Iterator[Step]:
    facts = Facts("aks-eventhub-record", _cluster(tree.text("resourceId")), properties.text("pod"))
    log = properties.inner("log")
    if log is None:
        yield Refusal("Azure record without log", data=tree.raw, facts=facts)
    else:
        yield _within(log, facts, unescaped=properties.is_text("log"))


def _legacy(tree: Tree) -> Iterator[Step]:
    resource = tree.text("ResourceId") or tree.text("_ResourceId")
    facts = Facts("aks-log-analytics-legacy", _cluster(resource), tree.text("pod_s"))
    log = tree.inner("log_s")
    yield Refusal("Azure record without log", data=tree.raw, facts=facts) if log is None else _within(log, facts, True)


def _within(log: bytes, facts: Facts, unescaped: bool) -> Step:
    """The event in a record; a body that Azure left out is lost, and no text in its place."""
    event = parse(log) if _SKIPPED.encode() in log else None
    skipped = [name for name in _BODY_FIELDS if event is not None and event.text(name) == _SKIPPED]
    if event is None or not skipped:
        return Inner(log, facts, unescaped)
    members = {name: value for name, value in event.members.items() if name not in skipped}
    return Candidate(members, event.raw, facts._replace(lost=tuple(skipped)), repeated=event.repeated)


def _row(tree: Tree) -> Candidate:
    lost = ["impersonatedUser", "authenticationMetadata"]
    members: dict[str, Json] = {}
    for column, field in _COLUMNS.items():
        value = tree.members.get(column)
        if value is None or bytes(value) in (b"null", b'""'):
            continue
        if column in _BODIES and tree.text(column) == _SKIPPED:
            lost.append(field)
            continue
        members[field] = value
    facts = Facts("aks-log-analytics-table", _cluster(tree.text("_ResourceId")), tree.text("PodName"), (), tuple(lost))
    return Candidate(members, tree.raw, facts, nested=True)


FORMAT: Final = Aks()
