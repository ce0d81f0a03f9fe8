"""The exclusions of the pack: few, narrow, and no place to hide for somebody who takes the name of the excused."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

import msgspec

from kwho import plugins
from kwho.detect.examples import Story, expand, read_stories
from kwho.detect.sigma import load_rules
from kwho.engine.memory import scan_bytes
from kwho.schema.result import Result

Json = dict[str, Any]
CREDENTIAL = "authentication.kubernetes.io/credential-id"
SOURCES = tuple((source.path, source.text) for source in plugins.read_pack())
RULES = load_rules(SOURCES)
EXCLUSIONS = {exclusion.id: exclusion for exclusion in RULES.exclusions}
EXCUSED = [story for story in read_stories(SOURCES) if story.rule in EXCLUSIONS and not story.fires]


def as_it_is(event: Json) -> None:
    del event


def by_certificate(event: Json) -> None:
    """Somebody got a certificate with this common name signed."""
    event["user"] = {"username": event["user"]["username"], "groups": ["system:authenticated"]}


def by_certificate_with_groups(event: Json) -> None:
    """The certificate names the groups of the account as its organizations as well."""
    groups = event["user"]["groups"]
    event["user"] = {"username": event["user"]["username"], "groups": groups}


def by_certificate_with_uid(event: Json) -> None:
    """The certificate names groups and uid; the server tells what kind of credential it was."""
    event["user"]["extra"] = {CREDENTIAL: ["X509SHA256=6f9c"]}


def from_another_namespace(event: Json) -> None:
    """A service account of that name in another namespace."""
    name = event["user"]["username"].rpartition(":")[2]
    event["user"]["username"] = f"system:serviceaccount:shop:{name}"
    event["user"]["groups"] = ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]


def in_other_letters(event: Json) -> None:
    event["user"]["username"] = event["user"]["username"].upper()


def by_impersonation(event: Json) -> None:
    """Somebody who may impersonate acts with the rights of the account."""
    event["impersonatedUser"] = event["user"]
    event["user"] = {"username": "eve@example.com", "uid": "1", "groups": ["system:authenticated"]}


def acting_as_another(event: Json) -> None:
    """The excused account itself acts with the rights of somebody else."""
    event["impersonatedUser"] = {"username": "root@example.com", "groups": ["system:masters"]}


def with_the_agent_alone(event: Json) -> None:
    event["userAgent"] = event["user"]["username"].rpartition(":")[2]
    event["user"] = {"username": "eve@example.com", "uid": "1", "groups": ["system:authenticated"]}


EVASIONS = [
    by_certificate, by_certificate_with_groups, by_certificate_with_uid, from_another_namespace, in_other_letters,
    by_impersonation, acting_as_another, with_the_agent_alone,
]  # fmt: skip


@lru_cache(maxsize=1)
def everything() -> tuple[dict[str, tuple[Story, str]], Result]:
    """Every excused story as it is and with every evasion, in one log, and its answer; by audit ID."""
    asked: dict[str, tuple[Story, str]] = {}
    lines = []
    for story in EXCUSED:
        for change in (as_it_is, *EVASIONS):
            for event in deepcopy(expand(story.example)):
                change(event)
                event["auditID"] = f"{len(asked):036d}"
                asked[event["auditID"]] = (story, change.__name__)
                lines.append(msgspec.json.encode(event))
    return asked, scan_bytes(b"\n".join(lines), RULES)


def test_who_takes_an_excluded_name_is_found() -> None:
    asked, result = everything()
    told = {
        event.audit_id for finding in result.findings for event in finding.events if finding.severity != "informational"
    }
    missed = [
        f"{EXCLUSIONS[story.rule].name}: {evasion}"
        for number, (story, evasion) in asked.items()
        if evasion != "as_it_is" and number not in told
    ]
    assert missed == []


def test_what_is_excluded_is_excluded_by_its_own_exclusion_and_nothing_else() -> None:
    asked, result = everything()
    for finding in result.left_out:
        for event in finding.events:
            story, change = asked[event.audit_id or ""]
            assert (change, finding.excluded) == ("as_it_is", story.rule)
    assert {entry.id for entry in result.excluded.by} == set(EXCLUSIONS)


def test_every_exclusion_has_two_stories_of_each_kind() -> None:
    stories = list(read_stories(SOURCES))
    for identity, exclusion in EXCLUSIONS.items():
        own = [story for story in stories if story.rule == identity]
        assert sum(story.fires for story in own) >= 2, exclusion.path
        assert sum(not story.fires for story in own) >= 2, exclusion.path


def test_no_exclusion_of_the_pack_hides_what_is_high() -> None:
    levels = {rule.id: rule.level for rule in RULES.rules} | {rule.id: rule.level for rule in RULES.correlations}
    for exclusion in EXCLUSIONS.values():
        assert {levels[rule] for rule in exclusion.rules} <= {"low", "medium"}, exclusion.path


def test_exclusions_of_the_pack_are_named_like_their_files_and_owned_by_it() -> None:
    assert len(EXCLUSIONS) >= 10
    for exclusion in EXCLUSIONS.values():
        assert exclusion.path == f"exclusions/{exclusion.name}.yaml"
        assert exclusion.owner == "kwho"
        assert len(exclusion.reason) >= 40
        assert exclusion.expires is None
