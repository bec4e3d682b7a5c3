"""Closes the records of runs whose process is gone: Dagster shows a killed run as running for ever."""

import os
import time
from pathlib import Path

import dagster as dg

TAG = "call_attribution/process"
UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
# A run without the tag has not reached this point yet, or an earlier version of this project made it.
SECONDS_WITHOUT_TAG = 3600


def sign(instance: dg.DagsterInstance, run_id: str) -> None:
    """Writes this process into the record of its run."""
    instance.add_run_tags(run_id, {TAG: _identity(os.getpid())})


def close(instance: dg.DagsterInstance, job: str, run_id: str) -> int:
    """Records every other unfinished run of the job as failed if its process is gone; returns how many there were."""
    closed = 0
    for record in instance.get_run_records(dg.RunsFilter(job_name=job, statuses=UNFINISHED)):
        run = record.dagster_run
        identity = run.tags.get(TAG)
        age = time.time() - record.create_timestamp.timestamp()
        is_gone = _is_gone(identity) if identity else age > SECONDS_WITHOUT_TAG
        if run.run_id != run_id and is_gone:
            instance.report_run_failed(run, "The process of this run was killed. The next run completed its work.")
            closed += 1
    return closed


def _identity(pid: int) -> str:
    """The process id and start time, because process ids are reused."""
    try:
        began = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        began = ""
    return f"{os.uname().nodename} {pid} {began}"


def _is_gone(identity: str) -> bool:
    """Whether a process of this machine has ended; that of another machine is left alone."""
    node, pid, _ = identity.split(" ")
    if node != os.uname().nodename:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _identity(int(pid)) != identity
