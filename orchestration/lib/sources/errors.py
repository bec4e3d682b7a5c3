"""Errors of live sources, in our own words.

No message contains text that a source or a library wrote: servers echo requests with their credentials, and answers
contain personal data. A message has the system, what was requested, the status, and error codes that are on a list.
"""

from orchestration.lib.errors import UserError


class LiveSourceError(UserError):
    """A live source cannot be read; the message names the problem, its place and the remedy."""


class SettingMissing(LiveSourceError):
    """Some settings of a source are set and others are not."""

    def __init__(self, source: str, missing: list[str]) -> None:
        super().__init__(
            f"The configuration of {source} is incomplete. Not set: {', '.join(missing)}. Set them, or remove the "
            f"other variables of {source} to work with files only."
        )


class AnotherExtraction(LiveSourceError):
    """An extraction into the same landing folder is running."""


class SignInRefused(LiveSourceError):
    """The source does not accept the credentials, or its answer to them is of no use."""


class Refused(LiveSourceError):
    """The source refused the request; `code` is the status, or an error code that is on our list."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refused):
    """The source does not have the object, or the user cannot see it."""


class WrongAnswer(LiveSourceError):
    """The source's answer does not have the documented form."""

    def __init__(self, source: str, what: str, problem: str) -> None:
        super().__init__(
            f"{source} answered {what} in a form that is not documented: {problem}. It may be down for maintenance, or "
            "a proxy answers for it. Fetched data is kept; the next run tries again."
        )


class TooLarge(LiveSourceError):
    """An answer exceeds the allowed size."""

    def __init__(self, source: str, limit: int, setting: str) -> None:
        super().__init__(
            f"{source}: an answer is larger than the allowed {limit:,} bytes. If it is genuine, raise {setting}."
        )


class EndlessList(LiveSourceError):
    """A list returns to a page that was read before, or has more pages than allowed."""

    def __init__(self, source: str, pages: int, repeats: bool) -> None:
        problem = "leads back to a page that was read before" if repeats else "does not end"
        super().__init__(
            f"{source}: after {pages:,} pages the list {problem}. The extraction of this table stopped; the next run "
            "starts it again. If the list really is that long, raise CALL_ATTRIBUTION_LIVE_PAGES; otherwise report "
            "it to the source's support."
        )


class QuotaExceeded(LiveSourceError):
    """The run has used its allowed API calls. Fetched data stays; the next run resumes from there."""

    def __init__(self, source: str, budget: int, setting: str) -> None:
        super().__init__(
            f"{source}: this run has used its {budget} allowed API calls. Nothing is lost: the next run resumes "
            f"at the last page. To allow more calls per run, raise {setting}."
        )


class Unreachable(LiveSourceError):
    """The source did not answer in time, in spite of retries."""
