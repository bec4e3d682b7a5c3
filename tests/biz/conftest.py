"""The small dataset, built and published once for the tests of this folder."""

import pytest

from tests.biz import dataset
from tests.harness import Project


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published file that holds the small dataset; nobody writes to it."""
    project = Project(tmp_path_factory.mktemp("dataset"))
    project.has_comments = True
    dataset.write(project)
    project.write_seed("stages", "stage,object,stage_order\nOffer,Opportunity,1\n")
    project.land()
    project.build()
    project.publish()
    return project
