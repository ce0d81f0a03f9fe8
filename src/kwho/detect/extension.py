"""What kwho adds to a Sigma rule: everything under its one key `kwho:`, validated strictly."""

import re
from typing import Any, Final, Literal

import msgspec

from kwho.detect.document import Document, Step
from kwho.detect.rule import Needs
from kwho.errors import InvalidRuleError

_PATH: Final = re.compile(r"\s*- at `(?:key in )?\$([^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")

Event = dict[str, Any]


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A short story that a rule must, or must not, recognise: one event or several, each a partial native event."""

    why: str
    event: Event | None = None
    events: tuple[Event, ...] = ()


class Tests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stories on which the rule must fire, and stories on which it must stay silent."""

    fires: tuple[Example, ...] = ()
    silent: tuple[Example, ...] = ()


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
    tests: Tests = Tests()


def read_extension(document: Document) -> Extension:
    """The content of `kwho:` of a rule, empty when it has none; raises InvalidRuleError with the line."""
    raw = document.data.get("kwho")
    if raw is None:
        return Extension()
    try:
        extension = msgspec.convert(raw, Extension)
    except msgspec.ValidationError as error:
        raise _refusal(document, str(error)) from None
    for kind, examples in (("fires", extension.tests.fires), ("silent", extension.tests.silent)):
        for number, example in enumerate(examples):
            if (example.event is None) is (not example.events):
                raise document.refuse("an example has either event: or events:", "kwho", "tests", kind, number)
    return extension


def _refusal(document: Document, message: str) -> InvalidRuleError:
    found = _PATH.search(message)
    reason = _PATH.sub("", message)
    steps: list[Step] = ["kwho"]
    for name, position in _STEP.findall(found[1] if found else ""):
        steps.append(int(position) if position else name)
    unknown = re.search(r"unknown field `([^`]*)`", reason)
    if unknown:
        steps.append(unknown[1])
    if "got `object`" in reason:
        reason += "; put text that holds a colon in quotes"
    return document.refuse(f"{'.'.join(map(str, steps))}: {reason[:1].lower()}{reason[1:]}", *steps)
