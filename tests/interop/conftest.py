"""What the tests of the clients share."""

from __future__ import annotations

import pytest
from interop.matrix import Matrix


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """The programs of this run: each is built and run once, by whichever test asks first."""
    return Matrix(tmp_path_factory.mktemp("interop"))
