"""Fixtures and switches of the whole suite."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness import Project

# `make test-all`: hundreds of kills and thousands of examples instead of a few.
FULL = os.environ.get("CALL_ATTRIBUTION_FULL_TESTS", "") == "1"

# Each example of a property is a full refresh: a slow one is not a failure, and a failing one must fail again.
settings.register_profile("modest", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("full", deadline=None, max_examples=1000)
settings.load_profile("full" if FULL else "modest")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project of its own."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def full_tests() -> bool:
    """Whether `make test-all` asked for full counts."""
    return FULL
