"""The sample dataset by itself: the same from a seed, of the size that was asked for, with everything in it."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.sample import EXPECTED, SHOWN, Sample, SampleError, read_note, write_sample
from orchestration.lib.sample.arrivals import ARRIVALS
from orchestration.lib.sample.credit import largest_remainder, percentages, shares
from orchestration.lib.sample.files import TABLES
from orchestration.lib.sample.journey import DAY, SECOND, offset
from orchestration.lib.sample.library import JOURNEYS
from orchestration.lib.settings import PROJECT_DIR

SESSIONS = 5_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, Path]:
    folder = tmp_path_factory.mktemp("sample")
    return write_sample(folder / "landing", folder / "expected", SESSIONS), folder


def rows(path: Path | str, query: str = "select * from {}") -> list[tuple]:
    with duckdb.connect() as con:
        return con.execute(query.format(f"read_parquet('{path}')")).fetchall()


def contents(folder: Path) -> dict[str, object]:
    """What each file holds: its bytes, or the rows of a Parquet file, whose order is open."""
    everything = "select md5(string_agg(one::varchar, ' ' order by one::varchar)) from {} as one"
    return {
        str(path.relative_to(folder)): rows(path, everything) if path.suffix == ".parquet" else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_dataset(written: tuple[Sample, Path], tmp_path: Path) -> None:
    write_sample(tmp_path / "landing", tmp_path / "expected", SESSIONS)
    first, second = contents(written[1]), contents(tmp_path)
    assert [file for file in first | second if first.get(file) != second.get(file)] == []


def test_another_seed_gives_another_dataset_with_the_same_outcome(written: tuple[Sample, Path], tmp_path: Path) -> None:
    other = write_sample(tmp_path / "landing", tmp_path / "expected", SESSIONS, seed=2)
    query = "select count(*), count(distinct session_id), min(session_id) from {} where session_id is not null"
    mine, others = (rows(folder / "expected" / "touchpoints.parquet", query)[0] for folder in (written[1], tmp_path))
    assert mine[:2] == others[:2]
    assert mine[2] != others[2]
    tracked = {verdict: number for verdict, number in other.verdicts.items() if not verdict.startswith("none")}
    assert tracked == {verdict: written[0].verdicts[verdict] for verdict in tracked}


def test_a_dataset_has_the_sessions_that_were_asked_for(written: tuple[Sample, Path]) -> None:
    sample, folder = written
    [(live,)] = rows(
        folder / "expected" / "touchpoints.parquet", "select count(*) from {} where session_id is not null"
    )
    per_copy = sum(visit.deleted for journey in JOURNEYS for visit in journey.visits)
    copies = round(400 * SESSIONS / 1_000_000)
    assert live + per_copy * copies == SESSIONS == sample.sessions


def test_more_sessions_only_add_parquet(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "landing", tmp_path / "expected", 60_000)
    in_shapes = sum(count for file, count in sample.rows.items() if "sessions" in file and "parquet" not in file)
    assert in_shapes <= 1.5 * SHOWN * sum(len(journey.visits) for journey in JOURNEYS)
    assert sample.rows["web/sessions/part.parquet"] > 57_000


def test_every_table_comes_in_every_shape_that_it_has(written: tuple[Sample, Path]) -> None:
    for table, shapes in TABLES.items():
        for shape in shapes:
            assert written[0].rows[f"{table}/{shape.stem}.{shape.suffix}"] > 0
    suffixes = {file.split(".", 1)[1] for file in written[0].rows}
    assert suffixes == {"csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"}


def test_tasks_show_what_real_exports_do(written: tuple[Sample, Path]) -> None:
    folder = written[1] / "landing" / "salesforce" / "Task"
    report = (folder / "report.csv").read_bytes()
    assert report.startswith(b"\xef\xbb\xbf")
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        tasks = list(csv.DictReader(file))
    assert {len(task["Id"]) for task in tasks} == {15}
    assert any("\n" in task["Description"] and '"' in task["Description"] for task in tasks)
    with duckdb.connect() as con:
        con.execute(f"create view fivetran as from read_csv('{folder}/fivetran.csv.gz', all_varchar = true)")
        names = {name for name, *_ in con.execute("describe fivetran").fetchall()}
        [deleted] = con.execute("select count(*) from fivetran where _fivetran_deleted = 'true'").fetchall()
    assert {"bizible_2_bizible_id_c", "call_duration_in_seconds", "_fivetran_synced"} <= names
    assert deleted[0] > 0
    assert "bizible2__bizibleid__c" in rows_of_json(folder / "stitch.jsonl.gz")
    assert "+0000" in rows_of_json(folder / "rest.jsonl")["CreatedDate"]


def rows_of_json(path: Path) -> dict[str, str]:
    with duckdb.connect() as con:
        cursor = con.execute(f"select * from read_json('{path}', ignore_errors = true) limit 1")
        names = [column[0] for column in cursor.description or []]
        types = f"{{{', '.join(f'{name}: VARCHAR' for name in names)}}}"
        values = con.execute(f"select * from read_json('{path}', columns = {types}, ignore_errors = true)").fetchone()
    return dict(zip(names, values or (), strict=True))


def test_everything_occurs(written: tuple[Sample, Path]) -> None:
    sample, folder = written
    verdicts = {"none_deleted", "none_not_a_call", "none_without_bizible_id", "none_without_time"}
    verdicts |= {"merged", "merged_secondary", "merged_duplicate"}
    verdicts |= {"separate_duplicate", "separate_outside_window", "separate_unknown_bizible_id"}
    assert set(sample.verdicts) == verdicts
    assert set(sample.touchpoints) == {"Web Visit", "Web Form", "Web Chat", "Phone Call", "CRM Campaign"}
    channels = {
        path for (path,) in rows(folder / "expected" / "touchpoints.parquet", "select distinct channel_path from {}")
    }
    with (PROJECT_DIR / "seeds" / "channel_rules.csv").open(encoding="utf-8-sig", newline="") as file:
        sheet = {f"{row['Channel']}.{row['Subchannel']}" for row in csv.DictReader(file)}
    assert sheet - {"Organic Search.Other"} <= channels
    assert {arrival.channel_path for arrival in ARRIVALS} | {"Events Conferences", "Webinar"} == channels
    assert all((folder / "expected" / f"{name}.parquet").stat().st_size for name in EXPECTED)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "landing" / "web" / "sessions").mkdir(parents=True)
    (tmp_path / "landing" / "web" / "sessions" / "mine.csv").write_text("ID\n")
    with pytest.raises(SampleError, match=r"mine\.csv"):
        write_sample(tmp_path / "landing", tmp_path / "expected", 100)
    assert [path.name for path in (tmp_path / "landing").rglob("*") if path.is_file()] == ["mine.csv"]


def test_an_earlier_sample_is_replaced(tmp_path: Path) -> None:
    write_sample(tmp_path / "landing", tmp_path / "expected", 5_000)
    smaller = write_sample(tmp_path / "landing", tmp_path / "expected", 500, seed=3)
    found = {
        str(path.relative_to(tmp_path / "landing")) for path in (tmp_path / "landing").rglob("*") if path.is_file()
    }
    assert found == set(smaller.rows)
    assert read_note(tmp_path / "expected") == smaller


def test_journeys_have_names_of_their_own_and_days_in_the_past() -> None:
    assert len({journey.name for journey in JOURNEYS}) == len(JOURNEYS)
    for journey in JOURNEYS:
        for conversion in (visit.made_by for visit in journey.visits if visit.made_by):
            assert conversion in {one.name for one in (*journey.forms, *journey.calls)}
        # Journeys begin in 2025 up to November; nothing may lie after June 2026.
        assert max(journey.starts().values(), default=0) < 200 * DAY


def test_times_of_a_journey() -> None:
    assert offset("2d", {}) == 2 * DAY
    assert offset("1d 02:03:04.5", {}) == DAY + 7_384_500_000
    assert offset("s+30:00.000001", {"s": DAY}) == DAY + 1_800 * SECOND + 1
    assert offset("s-00:05", {"s": DAY}) == DAY - 5 * SECOND
    with pytest.raises(ValueError, match="not a time of a journey"):
        offset("tomorrow", {})


def test_credit_by_the_book() -> None:
    """R8.1, R8.2: the documented examples."""
    documented = ("FT", "LC, Form", "Form", "OC, Form", "Form, Closed")
    quarter, tenth = Fraction(225, 1000), Fraction(1, 10)
    assert shares(documented, "full_path") == [quarter, quarter, tenth, quarter, quarter]
    assert shares(documented, "w_shaped") == [Fraction(3, 10), Fraction(3, 10), tenth, Fraction(3, 10), 0]
    assert shares(documented, "u_shaped") == [Fraction(1, 2), Fraction(1, 2), 0, 0, 0]
    # Closed weighs nothing in the custom model, so that touch shares the middle.
    assert shares(documented, "custom")[2:] == [Fraction(1, 20), Fraction(3, 10), Fraction(1, 20)]
    assert shares(("FT", "LC, Form", "OC"), "w_shaped") == [Fraction(1, 3)] * 3
    assert shares(("FT, OC, Closed",), "lead_creation") == [1]


def test_money_and_percentages_add_up() -> None:
    """R8.3: largest remainder, ties to the touch that comes first."""
    thirds = [Fraction(1, 3)] * 3
    assert largest_remainder(thirds, 100) == [34, 33, 33]
    assert largest_remainder([Fraction(1, 2), Fraction(1, 2)], 1) == [1, 0]
    assert percentages(thirds) == ["33.333333333334", "33.333333333333", "33.333333333333"]
