"""Retries, and errors in the user's words."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.retry import is_transient, wait_before

MAX_RETRIES = 4
EXPECTED = (UserError, OSError, duckdb.Error)


@contextmanager
def user_facing_errors(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Iterator[None]:
    """Retries transient errors with increasing delays; turns other expected errors into one message."""
    try:
        yield
    except EXPECTED as error:
        if is_transient(error) and context.retry_number < MAX_RETRIES:
            seconds = wait_before(context.retry_number)
            context.log.warning(f"{error}\nThis error can be transient: the next try starts in {seconds} s.")
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=seconds) from error
        raise dg.Failure(description=str(error), allow_retries=False) from error


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, in the words of the failed step."""
    reasons = []
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            known = failure.user_failure_data
            reasons.append((known.description if known else None) or failure.error_display_string)
        elif event.is_job_failure and not reasons and event.job_failure_data.error:
            reasons.append(event.job_failure_data.error.to_string())
    return "\n".join(reasons)
