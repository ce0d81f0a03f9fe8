"""What stands under `kwho:`."""

import pytest

from kwho.detect.document import Document, read_documents
from kwho.detect.extension import Extension, read_extension
from kwho.detect.rule import Needs
from kwho.errors import InvalidRuleError


def read(text: str) -> Extension:
    (document,) = read_documents("r.yaml", "title: t\n" + text)
    assert isinstance(document, Document)
    return read_extension(document)


def test_a_rule_without_the_key_has_an_empty_extension() -> None:
    assert read("") == Extension()


def test_every_member_is_read() -> None:
    extension = read(
        """kwho:
  detections: [D01]
  needs: {level: Request, stage: null, verbs: [create]}
  blind_spots: [init containers added later]
  response: [look, act]
  tests:
    fires:
      - {why: it does, event: {verb: create}}
    silent:
      - {why: it does not, events: [{verb: get}, {verb: list}]}
"""
    )
    assert extension.detections == ("D01",)
    assert extension.response == ("look", "act")
    assert extension.tests.fires[0].event == {"verb": "create"}
    assert len(extension.tests.silent[0].events) == 2
    derived = Needs(stage="Panic", fields=("annotations",), verbs=("get",))
    assert extension.needs.apply(derived) == Needs(level="Request", fields=("annotations",), verbs=("create",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kwho:\n  detection: [D01]\n", "r.yaml:3: kwho.detection: object contains unknown field `detection`"),
        ("kwho:\n  response: act\n", "r.yaml:3: kwho.response: expected `array`, got `str`"),
        (
            "kwho:\n  response:\n    - act\n    - see: this\n",
            "r.yaml:5: kwho.response.1: expected `str`, got `object`; put",
        ),
        ("kwho:\n  tests:\n    fires:\n      - event: {}\n", "r.yaml:5: kwho.tests.fires.0: object missing required"),
        ("kwho:\n  tests:\n    fires:\n      - why: x\n", "r.yaml:5: an example has either event: or events:"),
        (
            "kwho:\n  tests:\n    silent:\n      - {why: x, event: {}, events: [{}]}\n",
            "r.yaml:5: an example has either event: or events:",
        ),
        ("kwho:\n  needs: {level: Everything}\n", "r.yaml:3: kwho.needs.level: invalid enum value"),
        ("kwho: 5\n", "r.yaml:2: kwho: expected `object`, got `int`"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidRuleError) as told:
        read(text)
    assert str(told.value).startswith(message)
