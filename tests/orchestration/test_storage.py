"""Dagster's record of a run: a batch of events in one transaction is recorded as Dagster records it, one by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.runtime import storage

storage.relax()


@dg.multi_asset(
    specs=[dg.AssetSpec("a"), dg.AssetSpec("b")],
    check_specs=[dg.AssetCheckSpec("is_right", asset="a"), dg.AssetCheckSpec("is_right", asset="b")],
)
def both(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Two tables with a test each; one of the tests fails."""
    for name in ("a", "b"):
        yield dg.MaterializeResult(name)
        yield dg.AssetCheckResult(passed=name == "a", asset_key=name, check_name="is_right")


DEFS = dg.Definitions(assets=[both], jobs=[dg.define_asset_job("job")])


def recorded(home: Path, change: Any = lambda instance: None) -> dict[str, object]:
    """What a run leaves in Dagster's files, as Dagster itself reads it."""
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home), overrides={"telemetry": {"enabled": False}}) as instance:
        log = instance.event_log_storage
        change(instance)
        run = DEFS.resolve_job_def("job").execute_in_process(instance=instance)
        checks = [dg.AssetCheckKey(dg.AssetKey(name), "is_right") for name in ("a", "b")]
        planned = dg.EventRecordsFilter(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
        return {
            "of the run": sorted(
                (str(event.dagster_event_type), str(event.get_dagster_event().asset_key))
                for event in instance.all_logs(run.run_id)
                if event.is_dagster_event
            ),
            "planned": sorted(str(record.asset_key) for record in log.get_event_records(planned)),
            "keys": sorted(map(str, log.all_asset_keys())),
            "tables": sorted(
                (str(record.asset_entry.asset_key), record.asset_entry.last_materialization is not None)
                for record in log.get_asset_records()
            ),
            "checks": [
                [str(execution.status) for execution in log.get_asset_check_execution_history(key, limit=10)]
                for key in checks
            ],
        }


def test_batches_leave_the_same_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    def batch(instance: dg.DagsterInstance) -> None:
        storage.batch(instance)
        log: Any = instance.event_log_storage
        store = log.store_event_batch
        log.store_event_batch = lambda events: (batches.append(len(events)), store(events))

    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE", raising=False)
    one_by_one = recorded(tmp_path / "one by one")
    assert recorded(tmp_path / "batches", batch) == one_by_one
    assert batches == [4]  # two tables and two checks are planned


def test_a_batch_that_fails_is_stored_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[object] = []

    def fail_once(instance: dg.DagsterInstance) -> None:
        storage.batch(instance)
        log: Any = instance.event_log_storage
        store = log.store_event

        def store_event(event: dg.EventLogEntry) -> None:
            calls.append(event)
            if len(calls) == 3:  # of a batch of four
                raise OSError("no space left")
            store(event)

        log.store_event = store_event

    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE", raising=False)
    expected = recorded(tmp_path / "right")
    assert recorded(tmp_path / "failing", fail_once) == expected
    assert "Falling back" in capsys.readouterr().err
