"""The sample company's planted truth against every row of the marts, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.lib.sample import write_sample
from tests.harness import Project

# Mart -> the key by which its rows and the planted ones are paired.
KEYS = {
    "calls": ("crm_task_id",),
    "touchpoints": ("touchpoint_id",),
    "person_touchpoints": ("email", "touchpoint_id"),
    "buyer_touchpoints": ("lead_id", "contact_id", "touchpoint_id"),
    "attribution_touchpoints": ("opportunity_id", "touchpoint_id"),
}
# Where no session and no touchpoint stands, the rules say nothing about the nearest session (R1.8).
OPEN_FOR_NONE = {"candidate_session_count", "nearest_session_id", "seconds_to_nearest_session"}
SHOWN = 15


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A sample company, landed and built; `marts` and the truth of each mart as a view."""
    folder = tmp_path_factory.mktemp("company")
    project = Project(folder)
    write_sample(project.settings.landing_dir, folder / "truth", sessions=2_000)
    project.land()
    project.build()
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{project.settings.marts_build}' as marts (read_only)")
        for name in KEYS:
            con.execute(f"create view {name} as from read_parquet('{folder / 'truth' / name}.parquet')")
        yield con


@pytest.mark.parametrize("name", KEYS)
def test_every_row_is_as_planted(company: duckdb.DuckDBPyConnection, name: str) -> None:
    differences = compare(company, name)
    assert not differences, f"fct_{name} differs from what was planted:\n" + "\n".join(differences)


def compare(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Each way in which a mart differs from its truth: how often, and an example."""
    key = KEYS[name]
    columns = [column for column, *_ in con.execute(f"describe {name}").fetchall()]
    paired = " and ".join(f"planted.{column} is not distinct from found.{column}" for column in key)

    def row_key(side: str) -> str:
        return f"concat_ws(' ', {', '.join(f'{side}.{column}' for column in key)}) as row_key"

    differences = [
        f"""
        select '{column}' as what, {row_key("planted")},
            planted.{column}::varchar as planted, found.{column}::varchar as found
        from {name} as planted inner join marts.fct_{name} as found on {paired}
        where planted.{column} is distinct from found.{column} {"and not is_none" if column in OPEN_FOR_NONE else ""}
        """
        for column in columns
        if column not in key and column != "is_none"
    ]
    differences += [
        f"""
        select 'row {what}' as what, {row_key(one)}, null as planted, null as found
        from {left} as {one} anti join {right} as {other} on {paired}
        """
        for what, one, left, other, right in (
            ("not found", "planted", name, "found", f"marts.fct_{name}"),
            ("not planted", "found", f"marts.fct_{name}", "planted", name),
        )
    ]
    rows = con.execute(
        f"""
        select what, count(*), min_by((row_key, planted, found), row_key)
        from ({" union all ".join(differences)}) group by what order by count(*) desc limit {SHOWN}
        """
    ).fetchall()
    return [f"{what}: {count} rows, for example {example}" for what, count, example in rows]
