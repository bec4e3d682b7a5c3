"""Dagster's record of a run: a batch of events in one transaction is recorded as Dagster records it, one by one."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.runtime import storage

storage.relax()


@dg.multi_asset(
    specs=[dg.AssetSpec("a"), dg.AssetSpec("b")],
    check_specs=[dg.AssetCheckSpec("is_right", asset="a"), dg.AssetCheckSpec("is_right", asset="b")],
)
def both(context: dg.AssetExecutionContext):  # type: ignore[no-untyped-def]
    for name in ("a", "b"):
        yield dg.MaterializeResult(name)
        yield dg.AssetCheckResult(passed=name == "a", asset_key=name, check_name="is_right")


DEFS = dg.Definitions(assets=[both], jobs=[dg.define_asset_job("job")])


def recorded(home: Path) -> dict[str, object]:
    """What a run leaves in Dagster's files, as Dagster itself reads it."""
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home), overrides={"telemetry": {"enabled": False}}) as instance:
        run = DEFS.resolve_job_def("job").execute_in_process(instance=instance)
        log = instance.event_log_storage
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
            "tables": [
                (str(record.asset_entry.asset_key), record.asset_entry.last_materialization is not None)
                for record in sorted(log.get_asset_records(), key=lambda record: str(record.asset_entry.asset_key))
            ],
            "checks": [
                [str(execution.status) for execution in log.get_asset_check_execution_history(key, limit=10)]
                for key in checks
            ],
        }


def test_batches_leave_the_same_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    store = SqliteEventLogStorage.store_event_batch
    monkeypatch.setattr(
        SqliteEventLogStorage,
        "store_event_batch",
        lambda self, events: (batches.append(len(events)), store(self, events))[1],
    )
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "0")
    one_by_one = recorded(tmp_path / "one by one")
    assert batches == []
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    assert recorded(tmp_path / "batches") == one_by_one
    assert batches[0] == 4  # two tables and two checks are planned


def test_a_batch_that_fails_is_stored_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = recorded(tmp_path / "right")
    store_event, calls = SqliteEventLogStorage.store_event, []

    def fails_once(self: SqliteEventLogStorage, event: dg.EventLogEntry) -> None:
        calls.append(event)
        if len(calls) == 2:
            raise OSError("no space left")
        store_event(self, event)

    monkeypatch.setattr(SqliteEventLogStorage, "store_event", fails_once)
    assert recorded(tmp_path / "failing") == expected
    assert "Falling back" in capsys.readouterr().err
