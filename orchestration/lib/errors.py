"""Errors that a user can act on, and the parts of other programs' errors that may be repeated."""

import os
import re
import traceback
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


class UserError(Exception):
    """Its message says what is wrong, where and what to do; it is shown without a traceback."""


NOT_UTF8 = "a text is not valid UTF-8"

# What other programs write when a disk, a lock or a limit of memory is the reason, and our words for it. Nothing else
# of their messages is repeated: DuckDB quotes values, servers quote requests, and messages end up in logs.
_KNOWN_REASONS = {
    r"No space left on device|disk is full": "the disk is full",
    r"File too large": "the file system or a limit does not allow a larger file",
    r"Permission denied|Not a directory|Read-only file system|read-only mode": "writing is not allowed",
    r"Could not set lock on file|Conflicting lock": "another program has the file open",
    r"Out of Memory|could not allocate|failed to allocate|failed to pin": "the memory limit is reached",
    r"No such file or directory": "a file or folder is missing",
    r"Input/output error": "the disk cannot be read or written",
    r"not a valid DuckDB database|Corrupt database|checksum|Serialization Error|Could not read enough bytes": (
        "the file is damaged, or another version of DuckDB wrote it"
    ),
    r"is not valid UTF8|Invalid unicode": NOT_UTF8,
    r"Attempted to access index|not a Parquet file|No magic bytes|Parquet": "its structure is damaged",
}


def reason_of(error: BaseException) -> str:
    """Why something failed, without text of another program: our own message, the reason if it is known, the system's
    word for an error of a file, or else the kind of error."""
    if isinstance(error, UserError):
        return str(error).removesuffix(".")
    found = known_reason(str(error))
    if found is None and isinstance(error, OSError) and error.errno:
        # By number: the text in the error can be another program's.
        found = os.strerror(error.errno)
    return found or type(error).__name__


def known_reason(text: str) -> str | None:
    """Our words for what another program reports, if they are known."""
    return next((ours for theirs, ours in _KNOWN_REASONS.items() if re.search(theirs, text, re.IGNORECASE)), None)


def place_of(error: BaseException) -> str:
    """The last line of this project that an error passed through, for bug reports."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(PROJECT_DIR))
    ]
    frames = [frame for frame in frames if "/.venv" not in frame.filename]
    if not frames:
        return "an unknown place"
    return f"{Path(frames[-1].filename).relative_to(PROJECT_DIR)}, line {frames[-1].lineno}"


def described(error: BaseException) -> str:
    """The message of one of our errors; for any other error, the reason in our words, with its place."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or place_of(error)}: {error.strerror or type(error).__name__}."
    kind, reason = type(error).__name__, reason_of(error)
    because = f" ({reason})" if reason != kind else ""
    return f"Unexpected {kind} at {place_of(error)}{because}. If it happens again, report this line."
