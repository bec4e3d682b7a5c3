"""Transient errors: failures that can disappear when the step is repeated."""

import errno

_TRANSIENT = frozenset(
    {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE}
)
_TRANSIENT_MESSAGES = ("Could not set lock on file", "Conflicting lock is held", "Resource temporarily unavailable")


def is_transient(error: BaseException | None) -> bool:
    """Whether a locked file or a transient fault of the system caused the error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _TRANSIENT:
            return True
        if any(message in str(error) for message in _TRANSIENT_MESSAGES):
            return True
        error = error.__cause__
    return False


def wait_before(retry: int) -> int:
    """Seconds to wait before a retry, the first being 0: 2, 4, 8, 16."""
    return 2 ** (retry + 1)
