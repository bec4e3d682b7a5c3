"""The sample dataset: generated exports in a landing folder, and the expected results beside it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.sample.arrivals import ARRIVAL_SLOTS, OWN_HOST
from orchestration.lib.sample.expand import create_templates
from orchestration.lib.sample.files import quarantined, write_tables
from orchestration.lib.settings import Settings

EXPECTED = (
    "calls",
    "touchpoints",
    "person_touchpoints",
    "buyer_touchpoints",
    "attribution_touchpoints",
    "unattributed_opportunities",
    "campaign_members",
    "costs",
)
NOTE = "sample.json"

# The first copies of every journey are written in all file formats; the others as Parquet.
SHOWN = 12
TO_DOS_PER_SESSION = 0.1


class SampleError(UserError):
    """The sample dataset cannot be written; the message says why and what to do."""


@dataclass(frozen=True)
class Sample:
    """What the sample contains. `verdicts` counts the Tasks by expected verdict."""

    sessions: int
    seed: int
    rows: dict[str, int]
    quarantined: int
    verdicts: dict[str, int]
    touchpoints: dict[str, int]
    # By file; a sample of an earlier version has none.
    digests: dict[str, str] = field(default_factory=dict)


def write_sample(
    out_dir: Path | str,
    expected_dir: Path | str,
    sessions: int,
    seed: int = 1,
) -> Sample:
    """Writes the sample dataset's landing folder and, as Parquet, the expected results of the marts.

    The same sessions and seed give the same rows and, except in Parquet, the same bytes. Every journey occurs at least
    once, so the dataset has about 170 sessions even if fewer were requested. An earlier sample is replaced; a landing
    folder with any other file is refused, because a sample must never mix with real data.
    """
    if sessions < 1:
        raise SampleError(f"A sample of {sessions} sessions is not possible. Ask for 1 or more.")
    out, expected = Path(out_dir), Path(expected_dir)
    _clear(out, expected)

    # Hidden until it is complete: landing ignores hidden files.
    partial = out / ".sample"
    partial.mkdir()
    expected.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(
        config={"memory_limit": Settings.memory_limit, "temp_directory": str(partial / ".spill")}
    ) as con:
        _describe_dataset(con, sessions, seed)
        rows = {}
        for file, count in write_tables(con, partial):
            rows[file] = count
        for name in EXPECTED:
            con.execute(f"copy expected_{name} to ? (format parquet)", [str(expected / f"{name}.parquet")])
        sample = _summary(con, expected, Sample(sessions, seed, rows, quarantined(partial), {}, {}))
    shutil.rmtree(partial / ".spill", ignore_errors=True)
    for file in rows:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (partial / file).replace(out / file)
    sample = replace(sample, digests={file: _digest(out / file) for file in rows})
    shutil.rmtree(partial)
    (expected / NOTE).write_text(json.dumps(asdict(sample), indent=2) + "\n", encoding="utf-8")
    return sample


def read_note(expected_dir: Path | str) -> Sample | None:
    """The sample to which this folder of expected results belongs; None if there is none."""
    note = Path(expected_dir) / NOTE
    if not note.exists():
        return None
    noted = json.loads(note.read_text(encoding="utf-8"))
    return Sample(**{one.name: noted[one.name] for one in fields(Sample) if one.name in noted})


def own_files(folder: Path, sample: Sample) -> set[Path]:
    """The sample's files in a landing folder, relative to it. A user's file can have replaced one of them."""
    files = (file for file in sample.rows if (folder / file).is_file())
    return {Path(file) for file in files if sample.digests.get(file) in (None, _digest(folder / file))}


def other_files(folder: Path, own: Iterable[Path]) -> list[Path]:
    """The files in a landing folder except some, all relative to it."""
    return sorted({path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}.difference(own))


def _digest(path: Path) -> str:
    """Of a file's bytes, or of the rows of a Parquet file, whose order is open; blank if it cannot be read."""
    if path.suffix == ".parquet":
        rows = "SELECT format('{}-{}', count(*), sum(md5_number_lower(one::VARCHAR))) FROM read_parquet(?) AS one"
        try:
            with duckdb.connect() as con:
                return con.execute(rows, [str(path)]).fetchall()[0][0]
        except duckdb.Error:
            return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _clear(out: Path, expected: Path) -> None:
    """Removes an earlier sample, and refuses a folder with other files."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / ".sample", ignore_errors=True)
    earlier = read_note(expected)
    own = own_files(out, earlier) if earlier else set()
    if foreign := other_files(out, own):
        raise SampleError(
            f"{out} contains files that are not the sample's, such as {foreign[0]}. "
            "Move them away, or set CALL_ATTRIBUTION_LANDING_DIR to an empty folder."
        )
    for file in own:
        (out / file).unlink()
    (expected / NOTE).unlink(missing_ok=True)


def _describe_dataset(con: duckdb.DuckDBPyConnection, sessions: int, seed: int) -> None:
    """Creates the relations of all tables and expected results."""
    con.execute("set TimeZone = 'UTC'")
    create_templates(con)
    here = Path(__file__).parent
    variables = {
        "seed": str(seed),
        "sessions": sessions,
        "shown": SHOWN,
        "to_dos": int(sessions * TO_DOS_PER_SESSION),
        "slots": ARRIVAL_SLOTS,
        "own_site": f"https://{OWN_HOST}",
    }
    for name, value in variables.items():
        con.execute(f"set variable {name} = ?", [value])
    con.execute((here / "dataset.sql").read_text(encoding="utf-8"))
    con.execute((here / "expected_results.sql").read_text(encoding="utf-8"))


def _summary(con: duckdb.DuckDBPyConnection, expected: Path, sample: Sample) -> Sample:
    def counted(query: str, *files: str) -> dict[str, int]:
        return dict(con.execute(query, [str(expected / f"{file}.parquet") for file in files]).fetchall())

    return Sample(
        sample.sessions,
        sample.seed,
        sample.rows,
        sample.quarantined,
        verdicts=counted("select verdict, count(*) from read_parquet(?) group by all order by all", "calls"),
        touchpoints=counted(
            "select marketing_touch_type, count(*) from read_parquet(?) group by all order by all", "touchpoints"
        ),
    )
