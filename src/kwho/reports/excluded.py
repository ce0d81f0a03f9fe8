"""What exclusions leave out, listed as well when somebody asks for it."""

import msgspec

from kwho.link.trace import claim
from kwho.schema.finding import SEVERITIES, Finding
from kwho.schema.result import Result


def with_excluded(result: Result) -> Result:
    """The result with the findings that exclusions leave out, each marked in its title and with the reason."""
    by = {entry.id: entry for entry in result.excluded.by}
    marked = []
    for finding in result.left_out:
        entry = by[str(finding.excluded)]
        reason = f"excluded by “{entry.title}” ({entry.owner}): {entry.reason}"
        title = f"{finding.title} (excluded)"
        marked.append(msgspec.structs.replace(finding, title=title, reasons=(*finding.reasons, reason)))
    return msgspec.structs.replace(result, findings=tuple(sorted((*result.findings, *marked), key=_order)))


def _order(finding: Finding) -> tuple[int, str, tuple[str | int, ...]]:
    return -SEVERITIES.index(finding.severity), finding.time.first or "", claim(finding)
