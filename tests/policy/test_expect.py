"""What a given policy lets the rules see."""

import pytest

from kwho.detect.rule import Needs
from kwho.policy.expect import Expectation
from kwho.policy.model import read_policy

HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n"


@pytest.mark.parametrize(
    ("rules", "needs", "records"),
    [
        ("- {level: Metadata}", Needs(), True),
        ("- {level: None}", Needs(), False),
        ("- {level: Metadata}", Needs(level="Request", verbs=("create",), resources=("pods",)), False),
        ("- {level: Request}", Needs(level="Request", verbs=("create",), resources=("pods",)), True),
        ("- {level: Metadata, omitStages: [ResponseComplete]}", Needs(), False),
        ("- {level: Metadata}", Needs(stage="ResponseStarted"), True),
        ("- {level: Metadata, omitStages: [ResponseStarted]}", Needs(stage="ResponseStarted"), False),
        ("- {level: Request, resources: [{group: batch, resources: [cronjobs]}]}",
         Needs(level="Request", resources=("cronjobs",)), True),
        ("- {level: Request, resources: [{group: apps, resources: [deployments]}]}",
         Needs(level="Request", resources=("apps/deployments",)), True),
        ("- {level: Request, resources: [{group: '', resources: [pods/exec]}]}",
         Needs(level="Request", verbs=("create",), resources=("pods/exec",)), True),
        ("- {level: Request, resources: [{group: a.example.org, resources: [x/y]}]}",
         Needs(level="Request", resources=("a.example.org/x/y",)), True),
        ("- {level: Request, users: [system:admin]}", Needs(level="Request"), False),
    ],
)  # fmt: skip
def test_an_ordinary_request_is_recorded_well_enough_or_not(rules: str, needs: Needs, records: bool) -> None:
    assert Expectation(read_policy("p", HEAD + rules)).records(needs) is records
