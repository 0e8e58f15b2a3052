"""Companies made once for all tests of rights."""

from __future__ import annotations

import pytest

from tests.access.company import Company


@pytest.fixture(scope="session", params=[3, 4])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A random company."""
    return Company(tmp_path_factory.mktemp("rights"), request.param)


@pytest.fixture(scope="session")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company in which everybody but person 2, and nobody, has sums no other can be mistaken for."""
    return Company(tmp_path_factory.mktemp("loud"), 5, frozenset({1, 3, 4}))
