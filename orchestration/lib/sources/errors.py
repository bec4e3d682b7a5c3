"""Errors of live sources, in the user's words. No message contains a secret."""

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


class SignInRefused(LiveSourceError):
    """The source does not accept the credentials."""


class Refused(LiveSourceError):
    """The source refused the request; `code` is its own error code."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refused):
    """The source does not have the object, or the user cannot see it."""


class QuotaExceeded(LiveSourceError):
    """The run has used its allowed API calls. Fetched data stays; the next run resumes from there."""

    def __init__(self, source: str, budget: int, setting: str) -> None:
        super().__init__(
            f"{source}: this run has used its {budget} allowed API calls. Nothing is lost: the next run resumes "
            f"at the last page. To allow more calls per run, raise {setting}."
        )


class Unreachable(LiveSourceError):
    """The source did not answer, in spite of retries."""
