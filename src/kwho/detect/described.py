"""What rules and correlations say of themselves in the same words, taken from a Sigma document once."""

from typing import Any

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from kwho.detect.document import Document
from kwho.detect.extension import Extension
from kwho.detect.rule import level_of


def described(document: Document, parsed: SigmaRule | SigmaCorrelationRule, extension: Extension) -> dict[str, Any]:
    """The members of `Described`, by name."""
    return {
        "id": str(parsed.id),
        "name": parsed.name,
        "title": parsed.title,
        "level": level_of(document.data.get("level")),
        "status": str(parsed.status or "experimental"),
        "description": (parsed.description or "").strip(),
        "references": tuple(map(str, parsed.references)),
        "tags": tuple(map(str, parsed.tags)),
        "falsepositives": tuple(map(str, parsed.falsepositives)),
        "detections": extension.detections,
        "blind_spots": extension.blind_spots,
        "response": extension.response,
        "path": document.path,
    }
