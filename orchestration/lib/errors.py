"""Errors that a user can do something about."""


class UserError(Exception):
    """Its message says what is wrong, where and what to do; it is shown without a traceback."""
