"""The stories that rules carry: what must make them fire, what must leave them silent, expanded to whole events."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import msgspec

from kwho.detect.document import Document, read_documents
from kwho.detect.exclusion import ExclusionDraft, read_terms
from kwho.detect.extension import Example, read_extension
from kwho.detect.rule import Exclusion, RuleSet
from kwho.detect.site import read_inline
from kwho.errors import InvalidRuleError
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.moment import format_moment, parse_moment
from kwho.schema.site import Site

Json = dict[str, Any]
Judge = Callable[[RuleSet, Sequence[bytes], Site], set[str]]
"""What judges native lines by a rule set, with a site, and tells the ids of the rules that fired."""

START: Final = 1_767_607_200_000_000  # 2026-01-05T10:00:00Z
DEFAULTS: Final[Json] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "stage": "ResponseComplete",
    "user": {"username": "alice@example.com", "groups": ["system:authenticated"]},
    "sourceIPs": ["192.0.2.10"],
    "responseStatus": {"metadata": {}, "code": 200},
    "annotations": {"authorization.k8s.io/decision": "allow"},
}
"""What an event of an example has unless it says otherwise; null takes a member away."""

_MEMBERS: Final = {
    "": Event.__struct_fields__,
    "user": User.__struct_fields__,
    "impersonatedUser": User.__struct_fields__,
    "objectRef": ObjectRef.__struct_fields__,
    "responseStatus": Status.__struct_fields__,
}
_OFFSET: Final = re.compile(r"([+-]?)(\d{1,9}(?:\.\d{1,6})?)(us|ms|s|m|h|d)", re.ASCII)
_UNITS: Final = {"us": 1, "ms": 1_000, "s": 10**6, "m": 60 * 10**6, "h": 3_600 * 10**6, "d": 86_400 * 10**6}


class Story(NamedTuple):
    """One example of one rule: whether the rule must fire, on what, and why; `path` and `line` say where it stands.

    Of an exclusion: whether its rules must fire in spite of it.
    """

    rule: str
    fires: bool
    why: str
    example: Example
    path: str
    line: int
    site: Json = {}


class Verdict(NamedTuple):
    """A story and whether the rule did what it should."""

    story: Story
    held: bool


def read_stories(sources: Iterable[tuple[str, str]]) -> Iterator[Story]:
    """The examples of all rules of the files (path, text), in order; broken documents have none."""
    for path, text in sources:
        for document in read_documents(path, text):
            if isinstance(document, Document):
                yield from _stories(document)


def read_inner_stories(drafts: Iterable[ExclusionDraft]) -> Iterator[Story]:
    """The examples of exclusions that stand within a site file."""
    for draft in drafts:
        yield from _stories(draft.document)


def expand(example: Example) -> list[Json]:
    """The whole native events of an example: defaults filled in, numbered, one second apart.

    `at` moves an event: `+90s` counts from the start (2026-01-05T10:00:00Z), a full time stands for itself. Raises
    InvalidRuleError for an `at` that is neither.
    """
    events = example.events or ((example.event,) if example.event is not None else ())
    return [_whole(event, number) for number, event in enumerate(events)]


def lines_of(example: Example) -> list[bytes]:
    """The example as the lines of a native log; raises InvalidRuleError when one is no whole audit event.

    A log may hold anything, but a misspelt member of an example would make it silent for the wrong reason.
    """
    lines = []
    for event in expand(example):
        line = msgspec.json.encode(event)
        try:
            msgspec.json.decode(line, type=Event)
        except msgspec.ValidationError as error:
            raise InvalidRuleError(f"an example is no audit event: {error}") from None
        for path, members in _MEMBERS.items():
            within = event.get(path, {}) if path else event
            unknown = [name for name in within if name not in members]
            if unknown:
                raise InvalidRuleError(f'an example is no audit event: unknown member "{unknown[0]}" {path}'.strip())
        lines.append(line)
    return lines


def check(rules: RuleSet, stories: Iterable[Story], judge: Judge) -> Iterator[Verdict]:
    """Whether each story holds, judged alone; stories of rules that are not in the set are left out.

    Raises InvalidRuleError, with file and line, for an example that is no audit event, or whose site is none.
    """
    known = {rule.id for rule in rules.rules} | {rule.id for rule in rules.correlations}
    exclusions = {exclusion.id: exclusion for exclusion in rules.exclusions}
    for story in stories:
        if story.rule in known or story.rule in exclusions:
            try:
                lines, site = lines_of(story.example), read_inline(story.site)
            except InvalidRuleError as error:
                raise InvalidRuleError(f"{story.path}:{story.line}: {error}") from None
            if story.rule in exclusions:
                excused = _excused(rules, exclusions[story.rule], (lines, site), judge)
                yield Verdict(story, excused is not None and excused is not story.fires)
            else:
                fired = story.rule in judge(concerning(rules, story.rule), lines, site)
                yield Verdict(story, fired is story.fires)


def _excused(rules: RuleSet, exclusion: Exclusion, told: tuple[Sequence[bytes], Site], judge: Judge) -> bool | None:
    """True when an exclusion leaves out all that its rules say of a story; None when they say nothing anyway."""
    sets = [concerning(rules, identity) for identity in exclusion.rules]
    bare = RuleSet(
        rules=tuple({rule.id: rule for part in sets for rule in part.rules}.values()),
        correlations=tuple({rule.id: rule for part in sets for rule in part.correlations}.values()),
    )
    named = set(exclusion.rules)
    with_it = msgspec.structs.replace(bare, exclusions=(exclusion,))
    return not named & judge(with_it, *told) if named & judge(bare, *told) else None


def concerning(rules: RuleSet, identity: str) -> RuleSet:
    """The rule itself, loud, or the correlation with the rules it counts; nothing else of the set, no exclusions.

    A correlation on a fact of the log cites what any rule took note of, so it is told with all of them.
    """
    correlations = tuple(rule for rule in rules.correlations if rule.id == identity)
    if any(rule.fact is not None for rule in correlations):
        return RuleSet(rules=rules.rules, correlations=correlations)
    counted = {name for rule in correlations for name in rule.rules}
    own = [msgspec.structs.replace(rule, silent=False) for rule in rules.rules if rule.id == identity]
    feeding = [rule for rule in rules.rules if rule.id in counted]
    return RuleSet(rules=(*own, *feeding), correlations=correlations)


def _stories(document: Document) -> Iterator[Story]:
    try:
        tests = read_terms(document).tests if "filter" in document.data else read_extension(document).tests
    except InvalidRuleError:
        return
    identity = str(document.data.get("id", "")).lower()
    for fires, kind, examples in ((True, "fires", tests.fires), (False, "silent", tests.silent)):
        for number, example in enumerate(examples):
            line = document.line("kwho", "tests", kind, number)
            site = tests.site if example.site is None else example.site
            yield Story(identity, fires, example.why, example, document.path, line, site)


def _whole(event: Json, number: int) -> Json:
    partial = {key: value for key, value in event.items() if key != "at"}
    moment = _moment(event.get("at"), number)
    base = {
        **DEFAULTS,
        "level": _level(partial),
        "auditID": f"00000000-0000-4000-8000-{number + 1:012d}",
        "requestReceivedTimestamp": format_moment(moment),
        "stageTimestamp": format_moment(moment + 10_000),
    }
    merged = _merge(base, partial)
    assert isinstance(merged, dict)
    return merged


def _level(event: Json) -> str:
    if event.get("responseObject") is not None:
        return "RequestResponse"
    return "Request" if event.get("requestObject") is not None else "Metadata"


def _moment(at: object, number: int) -> int:
    if at is None:
        return START + number * 1_000_000
    if isinstance(at, datetime):
        stated = at if at.tzinfo else at.replace(tzinfo=UTC)
        return round(stated.timestamp() * 1_000_000)
    exact = parse_moment(str(at))
    offset = _OFFSET.fullmatch(str(at))
    if exact is not None:
        return exact
    if offset is None:
        raise InvalidRuleError(f'at: "{at}" is neither an offset such as +90s nor a full time')
    distance = round(float(offset[2]) * _UNITS[offset[3]])
    return START + (-distance if offset[1] == "-" else distance)


def _merge(base: Any, partial: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(partial, dict):
        return _plain(partial)
    merged = dict(base)
    for key, value in partial.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(base.get(key), value)
    return merged


def _plain(value: Any) -> Any:
    """A value as JSON has it: YAML reads an unquoted time as a date."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
