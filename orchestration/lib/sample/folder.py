"""The sample company in the user's landing folder: written once, never mixed with anything else, cleaned away."""

import shutil
from collections.abc import Callable
from pathlib import Path

from orchestration.lib import lock, publish
from orchestration.lib.errors import UserError
from orchestration.lib.report import FILE_NAME
from orchestration.lib.sample import read_note, write_sample
from orchestration.lib.settings import PROJECT_DIR, Settings


def truth_dir(settings: Settings) -> Path:
    """Where the truth about the sample lies: beside the landing folder."""
    return settings.landing_dir.with_name("sample_truth")


def write(settings: Settings, sessions: int, seed: int, report: Callable[[str], None]) -> None:
    """Writes the sample company, unless the very same one is there."""
    there = read_note(truth_dir(settings))
    if there is not None:
        complete = all((settings.landing_dir / file).exists() for file in there.rows)
        if complete and (there.sessions, there.seed) == (sessions, seed):
            report(f"The sample company of {sessions:,} sessions is in {settings.landing_dir} already.")
            return
        if settings.warehouse.exists():
            # Rows that were landed stay when their file goes: two companies would end up in one warehouse.
            raise UserError(
                f"{settings.warehouse} was built from another sample ({there.sessions:,} sessions, seed {there.seed})."
                " Run `make clean` first."
            )
    report(f"Writing a sample company of {sessions:,} sessions to {settings.landing_dir}")
    sample = write_sample(settings.landing_dir, truth_dir(settings), sessions, seed)
    report(f"{len(sample.rows)} files, {sum(sample.rows.values()):,} rows")


def clean(settings: Settings, report: Callable[[str], None]) -> None:
    """Removes the sample and what was built from it; what was built from other data stays."""
    _remove(PROJECT_DIR / "target")
    there = read_note(truth_dir(settings))
    if there is None:
        if settings.warehouse.exists():
            report(f"{settings.warehouse} and what was published from it stay: they hold data of your own.")
        return
    with lock.exclusive(settings.writer_lock, "make clean", report):
        for file in there.rows:
            _remove(settings.landing_dir / file)
        for folder in sorted(settings.landing_dir.rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        page = settings.marts.with_name(FILE_NAME)
        beside = settings.warehouse.parent.glob(f"{settings.warehouse.name}*")
        published = [
            path
            for name in (settings.marts, publish.parquet_of(settings.marts))
            for path in (name, *publish.versions(name))
        ]
        published.append(publish.marker_of(settings.marts))
        for path in [*beside, *published, page, truth_dir(settings)]:
            _remove(path)
    report("The sample company and everything that was built from it are gone.")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
