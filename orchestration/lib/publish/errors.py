"""Errors of publishing, with a remedy for the user."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError, reason_of


class PublishError(UserError):
    """Nothing was published; the message gives the reason."""


@contextmanager
def user_facing_errors(folder: Path, setting: str) -> Iterator[None]:
    """Turns errors of disks and folders into a message with a remedy."""
    try:
        yield
    except duckdb.Error as error:
        raise PublishError(f"{folder}: {reason_of(error)}. The published version did not change.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            problem = f"{folder} has no space left. Free space, or lower KEEP_VERSIONS"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            problem = f"{folder} cannot be written. Give this user write permission, or set {setting}"
        else:
            problem = f"{folder}: {reason_of(error)}"
        raise PublishError(f"{problem}. The published version did not change.") from error
