"""The sample dataset in the user's landing folder: written once, never mixed with other data, and removable."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from orchestration.lib import lock, publish
from orchestration.lib import report as report_page
from orchestration.lib.errors import UserError
from orchestration.lib.files import remove
from orchestration.lib.sample import Sample, other_files, own_files, read_note, write_sample
from orchestration.lib.settings import PROJECT_DIR, Settings
from orchestration.lib.terminal import printable


def expected_dir(settings: Settings) -> Path:
    """The folder of the sample's expected results, beside the landing folder."""
    folder, earlier = (settings.landing_dir.with_name(name) for name in ("sample_expected", "sample_truth"))
    if earlier.exists() and not folder.exists():  # the name in version 0.1.0
        earlier.rename(folder)
    return folder


def write(settings: Settings, sessions: int, seed: int, report: Callable[[str], None]) -> None:
    """Writes the sample dataset, unless the same one exists."""
    there = read_note(expected_dir(settings))
    if there is not None:
        complete = all((settings.landing_dir / file).exists() for file in there.rows)
        if complete and (there.sessions, there.seed) == (sessions, seed):
            report(f"The sample dataset of {sessions:,} sessions is in {settings.landing_dir} already.")
            return
        if settings.warehouse.exists():
            # Landed rows stay when their file is removed: the warehouse would contain two datasets.
            raise UserError(
                f"{settings.warehouse} was built from another sample ({there.sessions:,} sessions, seed {there.seed})."
                " Run `make clean` first."
            )
    report(f"Writing a sample dataset of {sessions:,} sessions to {settings.landing_dir}")
    sample = write_sample(settings.landing_dir, expected_dir(settings), sessions, seed)
    report(f"{len(sample.rows)} files, {sum(sample.rows.values()):,} rows")


def warn_of_a_mixture(settings: Settings, report: Callable[[str], None]) -> None:
    """Warns of a forgotten sample, which would be part of every figure."""
    there = read_note(expected_dir(settings))
    # By name: every build asks, and would read the whole sample otherwise.
    others = other_files(settings.landing_dir, map(Path, there.rows)) if there else []
    landed = [file for file in others if not any(part.startswith(".") for part in file.parts)]
    if landed:
        report(
            f"Warning: {settings.landing_dir} contains the sample dataset and other files, such as {landed[0]}. "
            "Every figure counts both. `make clean` removes the sample and its builds; then run `make build`."
        )


def clean(settings: Settings, report: Callable[[str], None]) -> None:
    """Removes the sample and everything that was built from it; what was built from other data stays."""
    remove(PROJECT_DIR / "target")
    there = read_note(expected_dir(settings))
    if there is None:
        if settings.warehouse.exists():
            report(f"{settings.warehouse} and what was published from it are kept: they contain your own data.")
        return
    with lock.exclusive(settings.writer_lock, "make clean", report):
        if lost := _landed_only(settings, there):
            raise UserError(
                f"{settings.warehouse} also has rows of files that are no longer in {settings.landing_dir}, such as "
                f"{printable(lost[0])}. `make clean` would remove them for good. Put the files back, or remove the "
                "warehouse yourself."
            )
        for file in own_files(settings.landing_dir, there):
            remove(settings.landing_dir / file)
        written_to = {folder for file in there.rows for folder in Path(file).parents if folder != Path()}
        for folder in sorted(written_to, reverse=True):
            _remove_empty(settings.landing_dir / folder)
        built = [*settings.private_paths, *publish.own_files(settings.marts), report_page.path(settings)]
        for path in [*built, expected_dir(settings)]:
            remove(path)
    report("Removed the sample dataset and everything that was built from it.")


def _landed_only(settings: Settings, sample: Sample) -> list[str]:
    """The user's landed files that only the warehouse has."""
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as con:
            landed = con.execute("SELECT DISTINCT path FROM landing.files ORDER BY path").fetchall()
    except duckdb.Error:  # there is none, or it is damaged
        return []
    files = [file for (file,) in landed if file not in sample.rows]
    return [file for file in files if not (settings.landing_dir / file).exists()]


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it has files of the user, or is a link
        folder.rmdir()
