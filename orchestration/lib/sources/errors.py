"""What can go wrong with a live source, in a user's words. No message ever holds a secret."""

from orchestration.lib.errors import UserError


class LiveSourceError(UserError):
    """A live source cannot be read; the message says what, where and what to do."""


class SettingMissing(LiveSourceError):
    """Some of the settings of a source are there and others are not."""

    def __init__(self, source: str, missing: list[str]) -> None:
        super().__init__(
            f"{source} is configured by half. Not set: {', '.join(missing)}. Set them, or remove the other variables "
            f"of {source} to go on with files only."
        )


class SignInRefused(LiveSourceError):
    """The source does not accept the credentials."""


class Refused(LiveSourceError):
    """The source understood the request and said no; `code` is its own word for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotThere(Refused):
    """What was asked for does not exist, or the user may not see it."""


class BudgetSpent(LiveSourceError):
    """The run has used up its API calls. What was fetched stays; the next run goes on from there."""

    def __init__(self, source: str, budget: int, setting: str) -> None:
        super().__init__(
            f"{source}: the budget of {budget} API calls for this run is used up. Nothing is lost: the next run goes "
            f"on at the last page. To allow more calls a run, raise {setting}."
        )


class Unreachable(LiveSourceError):
    """The source did not answer, again and again."""
