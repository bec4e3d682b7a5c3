"""A published file, built by this project's DuckDB, and the clients that open it."""

from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR
from tests.biz import dataset
from tests.harness import Project

ENVIRONMENTS = PROJECT_DIR / ".venv-clients"


@pytest.fixture(scope="package")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("clients"))
    dataset.write(project)
    project.land()
    project.build()
    project.publish()
    return project.settings.marts


def environments() -> list[str]:
    """The versions of DuckDB for which `make test-clients` has set up an environment."""
    return sorted(path.name for path in ENVIRONMENTS.glob("[0-9]*") if (path / ".installed").exists())
