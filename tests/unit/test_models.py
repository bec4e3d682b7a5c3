"""The unit tests of the models, which stand beside them (`_<folder>__unit_tests.yml`), in one call of dbt."""

import re
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.lib.build import dbt
from tests.harness import Project, frozen_manifest

# The number of rules in each chapter of docs/rules.md.
LAST = {1: 12, 2: 6, 3: 5, 4: 2, 5: 3, 6: 3, 7: 4, 8: 6, 10: 4, 11: 8, 12: 9, 16: 9, 17: 3}
# R1.11 (late and changed data) is no matter of one model: the property tests and those of landing hold it.
RULES = {f"{chapter}_{number}" for chapter, last in LAST.items() for number in range(1, last + 1)} - {"1_11"}


def test_every_unit_test_of_a_model_passes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # dbt takes the types of a unit test's columns from the tables, which have to be there, if empty.
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}])
    project.land()
    project.build()

    for name, value in project.settings.environment().items():
        monkeypatch.setenv(name, value)
    line = dbt.arguments("test", project.settings, target_dir=project.folder / "target", select=["test_type:unit"])
    outcome: Any = dbtRunner(manifest=dbt.thaw(frozen_manifest())).invoke(line)
    DuckDBConnectionManager.close_all_connections()

    results = [result for result in outcome.result.results if result.node.resource_type == "unit_test"]
    failed = [f"{result.node.name}: {result.message}" for result in results if str(result.status) != "pass"]
    assert not failed, "\n".join(failed)
    named = {rule for result in results for rule in re.findall(r"r(\d+_\d+)", result.node.name)}
    assert named >= RULES, f"rules without a unit test: {sorted(RULES - named)}"
