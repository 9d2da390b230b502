"""The databases that tests make and drop are the tests' own."""

import pytest

from tests.database import Snapshot


def test_a_database_that_is_not_a_test_database_is_never_emptied() -> None:
    server = {"NAME": "portal", "USER": "nobody", "PASSWORD": "", "HOST": "127.0.0.1", "PORT": 1}
    with pytest.raises(AssertionError, match="portal is not a test database"):
        Snapshot(server)
