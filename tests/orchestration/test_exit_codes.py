"""How a command ends: its exit code and its last words, and what the next run says about one that was killed."""

import os
import signal
import subprocess
import sys

import dagster as dg
import pytest

from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import killed

COMMAND = """
import argparse, sys, time
from orchestration import __main__
from orchestration.lib.errors import UserError

class Parser:
    def parse_args(self, arguments):
        return argparse.Namespace(run=run)

def run(settings, options):
    print("running", flush=True)
    {does}

__main__._parser = Parser
sys.exit(__main__.main([]))
"""


def started(does: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(does=does)],
        cwd=PROJECT_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in the background with SIGINT ignored, the tests too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    ("does", "environment", "code", "says"),
    [
        ("pass", {}, 0, ""),
        ("raise UserError('The disk is full.')", {}, 1, "\nThe disk is full.\n"),
        ("print('Größe'); raise UserError('Größe.')", {"PYTHONIOENCODING": "ascii"}, 1, "\nGr\\xf6\\xdfe.\n"),
        ("open('/nowhere/file')", {}, 1, "\n/nowhere/file: No such file or directory.\n"),
        ("int('jane@example.com')", {}, 1, "\nUnexpected ValueError at orchestration/__main__.py, line "),
        ("pass", {"KEEP_VERSIONS": "many"}, 2, "KEEP_VERSIONS"),
    ],
)
def test_the_exit_code_says_what_happened(does: str, environment: dict[str, str], code: int, says: str) -> None:
    process = started(does, **environment)
    _, error = process.communicate(timeout=120)
    assert process.returncode == code
    assert says in error if says else not error
    assert "Traceback" not in error and "jane" not in error


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_with_one_sentence(number: signal.Signals, code: int) -> None:
    process = started("time.sleep(120)")
    assert process.stdout and process.stdout.readline() == "running\n"
    process.send_signal(number)
    _, error = process.communicate(timeout=120)
    assert process.returncode == code
    assert error.startswith("\nStopped. ") and len(error.splitlines()) == 2


@dg.op
def nothing() -> None:
    pass


@dg.job
def build() -> None:
    nothing()


def test_the_next_run_closes_the_record_of_a_killed_one() -> None:
    """Not the record of a run that is still running, is on another machine, or may have just started."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    node = os.uname().nodename
    identities = {
        "killed": f"{node} {gone.pid} 1",
        "number used again": f"{node} {os.getpid()} 1",
        "elsewhere": f"another-{node} {gone.pid} 1",
        "just begun": None,
    }
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {name: instance.create_run_for_job(build, status=dg.DagsterRunStatus.STARTED) for name in identities}
        for name, identity in identities.items():
            if identity:
                instance.add_run_tags(runs[name].run_id, {killed.TAG: identity})
        runs["running"] = instance.create_run_for_job(build, status=dg.DagsterRunStatus.STARTED)
        killed.sign(instance, runs["running"].run_id)
        this = instance.create_run_for_job(build, status=dg.DagsterRunStatus.STARTED)
        assert killed.close(instance, "build", this.run_id) == 2
        assert killed.close(instance, "build", this.run_id) == 0
        found = {name: instance.get_run_by_id(run.run_id) for name, run in runs.items()}
    failed = {name for name, run in found.items() if run and run.status == dg.DagsterRunStatus.FAILURE}
    assert failed == {"killed", "number used again"}
