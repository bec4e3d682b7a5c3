"""What landing tells the user when it cannot go on."""

from orchestration.lib.errors import UserError


class LandingError(UserError):
    """Something in the landing folder or the warehouse stops a table: what, where, what to do.

    Never holds row content: messages end up in logs, and raw text is personal data.
    """
