"""Whether the landing folder has changed since the last check."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from orchestration.lib.landing import files
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.landing.errors import LandingError


def fingerprint(landing_dir: Path, sources: Iterable[SourceTable]) -> tuple[str, int]:
    """A digest of the names, sizes and times of all files that landing would read, and their number.

    Contents are not read. What landing reports as an error counts as a file: the run that it starts reports it.
    """
    digest, count = hashlib.sha256(), 0
    for table in sources:
        try:
            found = sorted(path for path in files.visible_files(table, landing_dir) if files.suffix_of(path, table))
        except LandingError as error:
            digest.update(f"{error}\n".encode(errors="surrogateescape"))
            count += 1
            continue
        for path in found:
            try:
                state = path.stat()
                stamp = f"{state.st_size}\0{state.st_mtime_ns}"
            except OSError as error:
                stamp = f"{error.errno}"
            # A name need not be UTF-8.
            digest.update(os.fsencode(path.relative_to(landing_dir)) + f"\0{stamp}\n".encode())
        count += len(found)
    return digest.hexdigest(), count
