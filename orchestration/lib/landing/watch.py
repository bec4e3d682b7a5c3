"""Whether the landing folder has changed since the last check."""

import hashlib
from pathlib import Path


def fingerprint(landing_dir: Path) -> tuple[str, int]:
    """A digest of the names, sizes and times of all complete files, and their number; contents are not read."""
    digest = hashlib.sha256()
    files = sorted(path for path in landing_dir.rglob("*") if path.is_file() and _is_complete(path, landing_dir))
    for path in files:
        state = path.stat()
        digest.update(f"{path.relative_to(landing_dir)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest(), len(files)


def _is_complete(path: Path, landing_dir: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(landing_dir).parts)
    return not hidden and path.suffix not in (".tmp", ".part")
