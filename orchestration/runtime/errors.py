"""Retries, and errors in the user's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from orchestration.lib.errors import UserError, described
from orchestration.lib.retry import is_transient, wait_before

MAX_RETRIES = 4
# Dagster's own exceptions for the end of a step.
CONTROL = (dg.Failure, dg.RetryRequested)


@contextmanager
def user_facing_errors(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Iterator[None]:
    """Retries transient errors with increasing delays; turns every other error into one message.

    Dagster stores an error with all its causes, and messages of other programs can quote data or secrets. So no cause
    is attached (`from None`), and of a foreign error only kind and place are repeated.
    """
    try:
        yield
    except CONTROL:
        raise
    except Exception as error:
        if is_transient(error) and context.retry_number < MAX_RETRIES:
            seconds = wait_before(context.retry_number)
            context.log.warning(f"{described(error)}\nThis error can be transient: the next try starts in {seconds} s.")
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=seconds) from None
        raise dg.Failure(description=described(error), allow_retries=False) from None


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, in the words of the failed step."""
    reasons = []
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            known = failure.user_failure_data
            reasons.append((known.description if known else None) or _in_our_words(failure.error))
        elif event.is_job_failure and not reasons and event.job_failure_data.error:
            reasons.append(_in_our_words(event.job_failure_data.error))
    return "\n".join(reasons)


def _in_our_words(error: Any) -> str:
    """The error of ours that a stored error comes from, for example of a lock that cannot be taken; else its kind."""
    cause = error
    while cause and cause.cls_name != UserError.__name__:
        cause = cause.cause
    if cause:
        return cause.message.partition(": ")[2].strip()
    return f"Unexpected {error.cls_name} in Dagster. If it happens again, report this line."
