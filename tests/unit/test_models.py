"""The unit tests of the models, which are beside them (`_<folder>__unit_tests.yml`), in one call of dbt."""

import re
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.lib.build import dbt
from orchestration.lib.settings import PROJECT_DIR
from scripts import reference
from tests.harness import Project, frozen_manifest, thaw

# R1.11 (late and changed data) concerns all models: the property tests and those of landing check it. Reports (R9)
# and Marketo Measure's views (R19) have their own tests.
ELSEWHERE = re.compile(r"R(1\.11|9|9\..*|19\..*)")


def test_every_unit_test_of_a_model_passes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # dbt takes the types of a unit test's columns from the tables, which have to be there, if empty.
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01 12:00:00"}])
    project.land()
    project.build()

    for name, value in project.settings.environment().items():
        monkeypatch.setenv(name, value)
    line = dbt.arguments("test", project.settings, target_dir=project.folder / "target", select=["test_type:unit"])
    outcome: Any = dbtRunner(manifest=thaw(frozen_manifest())).invoke(line)
    DuckDBConnectionManager.close_all_connections()

    results = [result for result in outcome.result.results if result.node.resource_type == "unit_test"]
    failed = [f"{result.node.name}: {result.message}" for result in results if str(result.status) != "pass"]
    assert not failed, "\n".join(failed)
    named = {rule for result in results for rule in re.findall(r"r(\d+_\d+)", result.node.name)}
    text = (PROJECT_DIR / reference.RULES).read_text(encoding="utf-8")
    rules = {row["rule"] for row in reference.rules_of(text) if not ELSEWHERE.fullmatch(row["rule"])}
    untested = sorted(rules - {f"R{number.replace('_', '.')}" for number in named})
    assert not untested, f"rules without a unit test, whose name begins like r3_6_: {', '.join(untested)}"
