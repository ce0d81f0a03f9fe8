"""The pages about queries and rules, held against what the code does."""

import re
from pathlib import Path

import pytest

from kwho.detect.condition import MODIFIERS as RULE_MODIFIERS
from kwho.detect.correlation import TYPES
from kwho.detect.examples import check, read_stories
from kwho.detect.sigma import load_rules
from kwho.engine.memory import judge_lines
from kwho.query.lexer import OPERATORS
from kwho.query.match import compile_node
from kwho.query.parse import MODIFIERS, parse_query

DOCS = Path(__file__).parents[2] / "docs"
QUERY, RULES = ((DOCS / "reference" / name).read_text("utf-8") for name in ("query.md", "rules.md"))
GUIDE = (DOCS / "how-to" / "write-a-rule.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("query", blocks(QUERY, "query"))
def test_every_query_of_the_manual_means_something(query: str) -> None:
    compile_node(parse_query(query, now=0))


def test_every_operator_and_modifier_is_described() -> None:
    assert all(f"field{operator}" in QUERY for operator in OPERATORS)
    assert all(f"\\|{modifier}" in QUERY for modifier in MODIFIERS)
    assert all(f"`{modifier}`" in RULES for modifier in RULE_MODIFIERS)
    assert all(f"`{kind}`" in RULES for kind in TYPES)


def test_the_rules_of_the_guide_load_and_their_examples_hold() -> None:
    sources = [("guide.yaml", "---\n".join(blocks(GUIDE, "yaml")))]
    rules = load_rules(sources)
    assert (len(rules.rules), len(rules.correlations), rules.refused) == (1, 1, ())
    verdicts = list(check(rules, read_stories(sources), judge_lines))
    assert len(verdicts) == 8
    assert [verdict.story.why for verdict in verdicts if not verdict.held] == []
