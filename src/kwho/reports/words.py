"""Numbers, times, names and targets in words; every report says them the same way."""

from typing import Final

from kwho.schema.finding import Finding, Principal, Severity, Span, Target
from kwho.schema.result import Excluded

NOBODY: Final = "(nobody)"
NAMELESS: Final = "(none)"
NO_RESOURCE: Final = "(no resource)"
UNKNOWN_TIME: Final = "time unknown"
EXCLUSIONS: Final = 5
"""Exclusions that one sentence names."""

_KINDS: Final = {
    "anonymous": "anonymous",
    "service_account": "service account",
    "node": "node",
    "system": "system component",
    "human": "person",
}


def number(count: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 finding`, `2 findings`, `0 findings`."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def these(told: str, count: int, shown: int, *, meant: bool = False) -> str:
    """How a list begins that names so many things, or of more the gravest; `meant`: those that `told` speaks of."""
    if count > shown:
        return f"{told}; the gravest {number(shown)} are"
    if meant:
        return f"{told}:"
    return f"{told}; there is" if count == 1 else f"{told}; there are"


def excluded_by(excluded: Excluded) -> str:
    """`17 findings excluded by 2 exclusions: Backup operator (12), Vault (5)`; the texts are those of files."""
    named = ", ".join(f"{entry.title} ({number(entry.findings)})" for entry in excluded.by[:EXCLUSIONS])
    more = f", and {len(excluded.by) - EXCLUSIONS} more" if len(excluded.by) > EXCLUSIONS else ""
    which = counted(len(excluded.by), "exclusion")
    return f"{counted(excluded.findings, 'finding')} excluded by {which}: {named}{more}"


def share(part: int, whole: int) -> str:
    """`41%` of the whole; below one per cent `<1%`, and nothing of nothing is `0%`."""
    if not part or not whole:
        return "0%"
    percent = 100 * part / whole
    return "<1%" if percent < 1 else f"{percent:.0f}%"


def moment(text: str | None) -> str:
    """`2026-11-14T00:00:03.000000Z` as `2026-11-14 00:00:03Z`; text that is no such time stays as it is."""
    if text is None:
        return UNKNOWN_TIME
    if len(text) >= 20 and text[10] in "Tt " and text.endswith("Z"):
        return f"{text[:10]} {text[11:19]}Z"
    return text


def interval(span: Span) -> str:
    """`2026-11-14 03:02:11Z → 03:19:08Z`: the day of the end is left out when it is the day of the start."""
    first, last = moment(span.first), moment(span.last)
    if first == last or span.last is None:
        return first
    same_day = first[:10] == last[:10] and len(first) == len(last) == 20
    return f"{first} → {last[11:] if same_day else last}"


def name_of(name: str | None, nameless: str = NOBODY) -> str:
    """The name of a principal or a thing; `nameless` when the log has none."""
    return nameless if name is None else name or '""'


def kind_of(principal: Principal) -> str:
    """The kind of a principal in words."""
    return _KINDS[principal.kind]


def target_of(target: Target) -> str:
    """`secrets/db in payments`, `pods/exec web-1 in shop`, or the path of a request without a resource."""
    if not target.resource:
        return target.uri or "(no target)"
    what = "/".join(part for part in (target.resource, target.subresource) if part)
    if target.group:
        what = f"{what}.{target.group}"
    named = f"{what} {target.name}" if target.name else what
    return f"{named} in {target.namespace}" if target.namespace else named


def object_of(finding: Finding) -> str:
    """What a finding is about; a finding that spans targets of several kinds names none."""
    target = finding.target
    if finding.count > 1 and not target.resource and not target.uri:
        return "several targets"
    return target_of(target)


def doer(finding: Finding) -> str:
    """The principal of a finding, and whose rights it borrowed."""
    name = name_of(finding.principal.user)
    borrowed = finding.principal.impersonated
    return f"{name} as {name_of(borrowed.user)}" if borrowed else name


def severity_word(severity: Severity) -> str:
    """The severity in capitals, short enough for a column: `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFO`."""
    return "INFO" if severity == "informational" else severity.upper()


def address(peer: str | None, claimed: tuple[str, ...]) -> str:
    """The direct peer; addresses claimed by the client are called so."""
    direct = peer or "address unknown"
    return f"{direct} (client claims {', '.join(claimed)})" if claimed else direct
