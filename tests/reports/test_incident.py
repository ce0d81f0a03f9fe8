import msgspec
import pytest

from kwho.reports.incident import gravest, incident_brief, steps_left_out, story_sheet
from kwho.reports.pen import Line, Pen
from kwho.reports.story import story
from kwho.reports.tale import incident_entry
from kwho.reports.text import width_of
from kwho.schema.incident import Incident
from kwho.schema.result import Result


@pytest.fixture
def chain(result: Result) -> Incident:
    """An incident of three steps by one principal."""
    return result.incidents[0]


def plain(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def test_the_brief_ends_with_a_command_in_one_line(chain: Incident) -> None:
    command = f"kwho story {chain.id} /var/log/kubernetes/audit/ --cluster 'prod eu'"
    lines = [plain(line) for line in incident_brief(chain, Pen(60), command)]
    assert lines[1].startswith("CRITICAL 100  ci:deployer: Binding to cluster-admin ·")
    assert lines[-1].strip() == command
    assert "3 findings" in lines[-2]
    assert "3 steps" in " ".join(lines)
    assert all(width_of(line) <= 60 for line in lines[:-1])


def test_the_principals_are_told_when_there_are_several(chain: Incident) -> None:
    alone = [plain(line).strip() for line in incident_brief(chain, Pen(), "c")]
    assert chain.principals[0] not in alone
    many = msgspec.structs.replace(chain, principals=tuple(f"user-{n}" for n in range(9)))
    told = [plain(line).strip() for line in incident_brief(many, Pen(), "c")]
    assert "user-0 → user-1 → user-2 → user-3 → user-4 → user-5 and 3 more" in told


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_of_a_story_is_wider_than_the_screen(chain: Incident, width: int) -> None:
    tactics = ("privilege-escalation", "initial-access", "credential-access", "lateral-movement", "defense-evasion")
    steps = tuple(msgspec.structs.replace(step, tactics=tactics) for step in chain.story)
    lines = [plain(line) for line in story_sheet(msgspec.structs.replace(chain, story=steps), Pen(width))]
    assert max(map(width_of, lines)) <= width
    told = " ".join(" ".join(lines).split())
    assert "CRITICAL privilege-escalation initial-access credential-access lateral-movement defense-evasion" in told


def test_a_story_goes_on_with_a_command(chain: Incident) -> None:
    lines = [plain(line) for line in story_sheet(chain, Pen(40), going_on="kwho scan a --show f-1 --cluster 'prod eu'")]
    assert lines[-2:] == ["", "next: kwho scan a --show f-1 --cluster 'prod eu'"]
    assert not any(plain(line).startswith("next:") for line in story_sheet(chain, Pen(40)))


def test_the_gravest_step_is_the_first_of_the_gravest(chain: Incident) -> None:
    assert gravest(chain) == "f-2b5e77d0c4aa"
    alike = tuple(msgspec.structs.replace(step, severity="low") for step in chain.story)
    assert gravest(msgspec.structs.replace(chain, story=alike)) == chain.story[0].finding


def test_findings_without_a_step_are_counted_everywhere(chain: Incident) -> None:
    more = msgspec.structs.replace(chain, findings_total=chain.findings_total + 4)
    assert (steps_left_out(chain), steps_left_out(more)) == (0, 4)
    screen = "\n".join(plain(line) for line in story_sheet(more, Pen()))
    for text in (screen, "\n".join(story(more)), incident_entry(more, str)):
        assert "4 more findings of less weight" in text
