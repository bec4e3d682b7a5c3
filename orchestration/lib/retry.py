"""What can pass by itself, and so is worth another try."""

import errno

_PASSING = frozenset(
    {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE}
)
_PASSING_MESSAGES = ("Could not set lock on file", "Conflicting lock is held", "Resource temporarily unavailable")


def can_pass_by_itself(error: BaseException | None) -> bool:
    """Whether a locked file or a passing fault of the system stands behind an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _PASSING:
            return True
        if any(message in str(error) for message in _PASSING_MESSAGES):
            return True
        error = error.__cause__
    return False


def wait_before(retry: int) -> int:
    """Seconds to wait before a retry, the first being 0: 2, 4, 8, 16."""
    return 2 ** (retry + 1)
