"""Fixtures that every test may use."""

import pytest

from tests.cast import Cast, load_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Both partnerships with everybody in them, and no case."""
    return load_cast()
