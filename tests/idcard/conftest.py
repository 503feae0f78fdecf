"""What the tests of the core share: the knowledge, loaded once."""
import pytest

from idcard.knowledge import Knowledge, load


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load()
