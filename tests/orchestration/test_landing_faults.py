"""Landing when things go wrong around it: killed processes, full disks, a warehouse that is in use."""

import gzip
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import landing
from orchestration.lib.landing import LandingError
from tests.orchestration.test_landing import VISITS, Folder, folder, visits  # noqa: F401

ROWS = 20_000
LAND = """
import sys
from pathlib import Path
from orchestration.lib import landing
warehouse, folder, project = map(Path, sys.argv[1:])
table = next(table for table in landing.read_sources(project) if table.folder == "web/visits")
with landing.connect(warehouse) as con:
    print("ready", flush=True)
    landing.land_table(con, table, folder)
print("landed", flush=True)
"""


def start(folder: Folder, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:  # noqa: F811
    return subprocess.Popen(
        [sys.executable, "-c", LAND, str(folder.warehouse), str(folder.path), str(folder.path.parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def write_batch(folder: Folder, number: int) -> None:  # noqa: F811
    """Rows of which some are new, some newer, some the same again, some twice, some broken."""
    with duckdb.connect() as con:
        for name, shift in (("a", 0), ("b", 1)):
            path = folder.path / VISITS / f"{number}{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            con.execute(
                f"""
                COPY (
                    SELECT CASE WHEN i % 1000 <> 7 THEN i END AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE,
                        '2024-01-0' || (1 + (i + {number}) % 3) AS MODIFIED_DATE,
                        'text' || chr(10) || repeat('x', i % 50) || (i % 5 + {shift} * (i % 2)) AS NOTE
                    FROM range({number * ROWS // 3}, {number * ROWS // 3 + ROWS}) AS t(i)
                ) TO $path (HEADER)
                """,
                {"path": str(path)},
            )


STATE = {
    "raw": "SELECT * EXCLUDE (_loaded_at) FROM raw_web.visits ORDER BY _row_key",
    "files": """
        SELECT path, rows_read, landed, superseded, unchanged, quarantined, uncast, load_id
        FROM landing.files ORDER BY path
    """,
    "quarantine": "SELECT * EXCLUDE (landed_at) FROM landing.quarantine ORDER BY path, line",
}


@pytest.mark.slow
def test_killed_at_any_moment_the_next_run_completes(tmp_path: Path, full_tests: bool) -> None:
    """A first load and a second one on top of it, killed again and again: the end is as if nothing had happened."""
    calm, killed = Folder(tmp_path / "calm"), Folder(tmp_path / "killed")
    chance = random.Random(1)
    kills = 0
    for number in (0, 1):
        write_batch(calm, number)
        write_batch(killed, number)
        started = time.monotonic()
        calm.land()
        seconds = time.monotonic() - started
        before = {name: killed.query(sql) for name, sql in STATE.items()} if number else None
        wanted = (number + 1) * (100 if full_tests else 4)
        while kills < wanted:
            process = start(killed)
            assert process.stdout and process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 1.2 * seconds))
            process.send_signal(signal.SIGKILL)
            output, _ = process.communicate()
            kills += 1
            after = {name: killed.query(sql) for name, sql in STATE.items()} if before or not output else None
            if before and after and after != before:
                assert after == {name: calm.query(sql) for name, sql in STATE.items()}, "all of a batch, or nothing"
        killed.land()
        for name, sql in STATE.items():
            assert killed.query(sql) == calm.query(sql), name
    loading = "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%loading%'"
    assert killed.query(loading) == []


def test_a_full_disk_leaves_what_was_there(folder: Folder) -> None:  # noqa: F811
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    write_batch(folder, 1)
    limit = folder.warehouse.stat().st_size + 300_000
    process = start(folder, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "LandingError: web/visits: the warehouse could not be written" in errors
    assert folder.rows() == [("a", 2, "1")]
    folder.land()
    assert folder.query("SELECT count(*) FROM landing.files") == [(3,)]


def test_a_warehouse_that_another_program_has_open(folder: Folder) -> None:  # noqa: F811
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    with landing.connect(folder.warehouse):
        process = start(folder)
        _, errors = process.communicate()
    assert "cannot be opened for writing" in errors and "Close the program that has it open" in errors


def test_a_warehouse_in_a_place_that_cannot_be_written(folder: Folder, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "file").write_text("no folder")
    folder.warehouse = tmp_path / "file" / "warehouse.duckdb"
    with pytest.raises(LandingError, match="cannot be opened for writing"):
        folder.land()


@pytest.mark.parametrize("damage", ["empty", "cut", "overwritten"])
def test_a_damaged_warehouse_is_called_so(folder: Folder, damage: str) -> None:  # noqa: F811
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    data = folder.warehouse.read_bytes()
    folder.warehouse.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "overwritten": b"x" * len(data)}[damage])
    with pytest.raises(LandingError, match=r"file is damaged.* Restore the warehouse from a backup"):
        folder.land()


def refused(folder: Folder) -> tuple[str, int, float]:  # noqa: F811
    """Lands in a process of its own, which must fail: its errors, its peak of memory (kB) and seconds of processor."""
    process = start(folder)
    # Not ru_maxrss: a child starts with that of its parent, here of all tests before this one.
    peak = 0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        status_text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        peak = max([peak, *map(int, re.findall(r"VmHWM:\s+(\d+)", status_text))])
        time.sleep(0.02)
    _, status, usage = ended
    # Popen does not know that wait4 has collected the process.
    process.returncode = os.waitstatus_to_exitcode(status)
    _, error = process.communicate()
    assert process.returncode == 1
    return error, peak, usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize(
    ("name", "head", "piece", "times", "limit"),
    [
        ("value.csv.gz", b"ID,COOKIE_ID,EVENT_DATE\n1,c,", b"0" * 10**7, 100, "RECORD_SIZE"),
        ("object.jsonl.gz", b'{"ID": "', b"0" * 10**7, 100, "RECORD_SIZE"),
        ("quote.csv.gz", b'ID,COOKIE_ID,EVENT_DATE\n1,c,"', (b"0" * 99 + b"\n") * 10**4, 40, "RECORD_SIZE"),
        ("lines.csv.gz", b'ID,COOKIE_ID,EVENT_DATE\n1,c,"', b"0123456789abcde\n" * 10**5, 25, "RECORD_SIZE"),
        ("short.csv.gz", b"ID,COOKIE_ID,EVENT_DATE\n", b"x\n" * 10**6, 200, "LINES"),
    ],
    ids=[
        "a value of 1 GB",
        "an object of 1 GB",
        "a quote that stays open for 40 MB",
        "a quote that stays open for 2,500,000 lines",
        "200,000,000 lines of two bytes",
    ],
)
def test_a_small_file_that_hides_a_large_one_costs_little(
    folder: Folder,  # noqa: F811
    name: str,
    head: bytes,
    piece: bytes,
    times: int,
    limit: str,
) -> None:
    """A megabyte of .gz took 5 GB of memory or four minutes. With the limits as shipped, in a process of its own."""
    # Members of a gzip file are read as one.
    data = gzip.compress(head) + gzip.compress(piece) * times
    assert len(data) < 2 * 10**6
    folder.write(name, data)
    error, peak, seconds = refused(folder)
    assert f"{VISITS}/{name} " in error and f"CALL_ATTRIBUTION_MAX_{limit}" in error
    assert 50_000 < peak < 800_000, f"{peak:,} kB"
    assert seconds < 30


@pytest.mark.parametrize("first", ["", "no object\n"], ids=["fast", "exact"])
def test_a_new_key_in_every_line_costs_little(folder: Folder, first: str) -> None:  # noqa: F811
    """Python had the keys of every line before they were counted: 1.2 GB for two million lines."""
    lines = (f'{{"ID":"1","COOKIE_ID":"c","EVENT_DATE":"2024-01-01","k{number}":"x"}}\n' for number in range(1_500_000))
    folder.write("x.jsonl", first + "".join(lines))
    error, peak, seconds = refused(folder)
    assert (
        f"{VISITS}/x.jsonl has 1,500,003 columns and may have 2,000" in error
        and "CALL_ATTRIBUTION_MAX_COLUMNS" in error
    )
    assert 50_000 < peak < 800_000, f"{peak:,} kB"
    assert seconds < 30
