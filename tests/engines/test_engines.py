"""The comparison of engines is reliable: it skips no scenario and misses no difference."""

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.settings import PROJECT_DIR
from tests.engines import parity
from tests.engines.builds import builds
from tests.golden import test_golden as golden


def test_every_golden_scenario_is_in_one_build() -> None:
    setups = [setup for build in builds().values() for setup in build.scenarios]
    assert sorted(map(str, setups)) == sorted(map(str, dict.fromkeys(map(golden.setup_of, golden.scenarios()))))


def test_no_literal_of_a_model_doubles_a_quote() -> None:
    """Spark 3.5 reads two literals side by side and joins them; `escaped_literal` writes what each engine reads."""
    files = (PROJECT_DIR / "models").rglob("*.sql")
    assert [file.name for file in files if re.search(r"\w''|''\w", file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ("select * from sound", ""),
        ("select id, (amount + 0.01)::decimal(18, 2) as amount, moment, share, note from sound", "only the other"),
        ("select id, amount, moment + interval 1 microsecond as moment, share, note from sound", "only the other"),
        ("select id, amount, moment, nextafter(share, 1) as share, note from sound", "only the other"),
        ("select id, amount, moment, share, coalesce(note, '') as note from sound", "only the other"),
        ("select id, amount::decimal(18, 3) as amount, moment, share, note from sound", "columns, unlike"),
        ("select id, moment, amount, share, note from sound", "columns, unlike"),
        ("select * from sound union all select * from sound where id = 'b'", "2 and 3 rows"),
        ("select * from sound where id = 'a'", "2 and 1 rows"),
    ],
)
def test_a_planted_difference_is_found(planted: str, expected: str, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(
            """
            create table sound as
            select
                id,
                10.10::decimal(18, 2) as amount,
                timestamp '2024-01-01 10:00:00.000001' as moment,
                0.1::double as share,
                null::varchar as note
            from (values ('a'), ('b')) as t(id)
            """
        )
        (tmp_path / "sound").mkdir()
        connection.execute(f"copy ({planted}) to '{tmp_path}/sound/part.parquet'")
    found = parity.compare(tmp_path / "marts.duckdb", tmp_path, ["sound"])
    assert expected in parity.report(found) and bool(expected) == bool(parity.report(found))
