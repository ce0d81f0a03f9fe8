from pathlib import Path

import msgspec
import pytest

from kwho.schema.ledger import Counts
from kwho.schema.result import Result

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def result() -> Result:
    """A scan with six findings about four principals, problems, gaps, blind rules and statistics."""
    return msgspec.json.decode((DATA / "result.json").read_bytes(), type=Result)


@pytest.fixture
def empty() -> Result:
    """A scan of nothing, with 41 rules looking."""
    return msgspec.json.decode((DATA / "result-empty.json").read_bytes(), type=Result)


@pytest.fixture
def quiet(empty: Result) -> Result:
    """A scan of ten events in which 41 rules found nothing."""
    return msgspec.structs.replace(empty, input=Counts(records=10, events=10, requests=10))
