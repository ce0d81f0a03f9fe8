"""What kwho adds to a Sigma rule: everything under its one key `kwho:`, validated strictly."""

import re
from typing import Any, Final, Literal, TypeVar

import msgspec

from kwho.detect.document import Document, Step
from kwho.detect.rule import Needs
from kwho.errors import InvalidRuleError

_PATH: Final = re.compile(r"\s*- at `(?:key in )?\$([^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")

Event = dict[str, Any]
Section = TypeVar("Section", bound=msgspec.Struct)


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A short story that a rule must, or must not, recognise: one event or several, each a partial native event."""

    why: str
    event: Event | None = None
    events: tuple[Event, ...] = ()
    site: dict[str, Any] | None = None
    """What a site file says here, instead of what it says for the other examples."""


class Tests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stories on which the rule must fire, and stories on which it must stay silent."""

    fires: tuple[Example, ...] = ()
    silent: tuple[Example, ...] = ()
    site: dict[str, Any] = {}
    """What a site file says, as such a file says it; none when empty."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Members of `Needs` that the author states instead of what follows from the condition."""

    level: Literal["Metadata", "Request", "RequestResponse"] | msgspec.UnsetType = msgspec.UNSET
    stage: Literal["ResponseStarted", "ResponseComplete", "Panic"] | msgspec.UnsetType | None = msgspec.UNSET
    fields: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    verbs: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    resources: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    def apply(self, needs: Needs) -> Needs:
        """`needs` with the stated members replaced."""
        stated = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not msgspec.UNSET}
        return msgspec.structs.replace(needs, **stated)


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `kwho:`."""

    detections: tuple[str, ...] = ()
    needs: Override = Override()
    blind_spots: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    state: str | None = None
    tests: Tests = Tests()


def read_extension(document: Document) -> Extension:
    """The content of `kwho:` of a rule, empty when it has none; raises InvalidRuleError with the line."""
    raw = document.data.get("kwho")
    if raw is None:
        return Extension()
    extension = convert(document, raw, Extension, "kwho")
    check_examples(document, extension.tests)
    return extension


def check_examples(document: Document, tests: Tests) -> None:
    """Raise InvalidRuleError for an example that tells no story, or two."""
    for kind, examples in (("fires", tests.fires), ("silent", tests.silent)):
        for number, example in enumerate(examples):
            if (example.event is None) is (not example.events):
                raise document.refuse("an example has either event: or events:", "kwho", "tests", kind, number)


def convert(document: Document, raw: object, kind: type[Section], *steps: Step) -> Section:
    """What stands at a path of a document, as `kind`; raises InvalidRuleError with the line of what does not fit."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise _refusal(document, str(error), list(steps)) from None


def _refusal(document: Document, message: str, steps: list[Step]) -> InvalidRuleError:
    found = _PATH.search(message)
    reason = _PATH.sub("", message)
    for name, position in _STEP.findall(found[1] if found else ""):
        steps.append(int(position) if position else name)
    unknown = re.search(r"unknown field `([^`]*)`", reason)
    if unknown:
        steps.append(unknown[1])
    if reason.startswith("Expected `str`, got `bool`"):
        reason += "; put words such as NO and yes in quotes"
    if "got `object`" in reason:
        reason += "; put text that holds a colon in quotes"
    place = ".".join(map(str, steps))
    return document.refuse(f"{place}: {reason[:1].lower()}{reason[1:]}".removeprefix(": "), *steps)
