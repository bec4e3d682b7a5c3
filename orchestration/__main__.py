"""The commands behind the Makefile: `python -m orchestration <command>`.

Heavy imports are inside the commands, so that a rollback, or an error in a setting, takes no time.
"""

import argparse
import io
import signal
import sys
from collections.abc import Callable
from types import FrameType

from orchestration.lib import terminal
from orchestration.lib.errors import UserError, described
from orchestration.lib.settings import Settings, SettingsError
from orchestration.lib.terminal import complain

SAMPLE_SESSIONS = 20_000
SAMPLE_SEED = 1


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns 0 on success, 1 on failure, 2 on a wrong setting, 128 and more
    if a signal stopped it."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The terminal's encoding may not contain every character of a path or name.
            stream.reconfigure(errors="backslashreplace")
    try:
        options.run(Settings.current(), options)
    except SettingsError as error:
        complain(error)
        return 2
    except Exception as error:
        # No traceback: it would repeat texts of other programs, which can contain data.
        complain(described(error))
        return 1
    except KeyboardInterrupt as stop:
        complain("Stopped. Readers see a complete version of the marts; the next run completes the work.")
        return 128 + getattr(stop, "number", signal.SIGINT)
    return 0


def sample(settings: Settings, options: argparse.Namespace) -> None:
    """Writes the sample dataset into the landing folder."""
    from orchestration.lib.sample import folder as sample_folder

    sample_folder.write(settings, options.sessions, options.seed, terminal.report)


def build(settings: Settings, options: argparse.Namespace) -> None:
    """Lands, builds, tests and publishes what is new in the landing folder."""
    from orchestration import launch
    from orchestration.lib.sample import folder as sample_folder

    sample_folder.warn_of_a_mixture(settings, terminal.report)
    launch.build(options.full)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Writes the sample dataset, builds it and prints a summary."""
    sample(settings, options)
    build(settings, options)
    summary(settings, options)


def summary(settings: Settings, options: argparse.Namespace) -> None:
    """Prints a summary of the published marts."""
    from orchestration.lib.publish import summary

    print(summary.summarise(settings.marts))


def query(settings: Settings, options: argparse.Namespace) -> None:
    """Answers one SQL query from the published marts."""
    from orchestration.lib.publish import summary

    print(summary.answer(settings.marts, options.sql))


def report(settings: Settings, options: argparse.Namespace) -> None:
    """Writes the report page from the published marts and prints its path."""
    import webbrowser

    from orchestration.lib import report

    written = report.write(settings)
    print(f"{written.path}  ({written.size / 1024:.0f} KiB, {written.figures} figures)")
    if options.open and not webbrowser.open(written.path.as_uri()):
        print("This machine has no browser that opens it.")


def docs(settings: Settings, options: argparse.Namespace) -> None:
    """Writes dbt's documentation of the models, as one page."""
    from orchestration.lib.build import dbt

    if not settings.marts_build.exists():
        raise UserError(f"{settings.marts_build} does not exist: nothing to document. Run `make build` first.")
    print(dbt.document(settings))


def versions(settings: Settings, options: argparse.Namespace) -> None:
    """Lists the published versions: when, why and with how many rows."""
    from orchestration.lib.publish import summary

    print(summary.list_versions(settings.marts))


def rollback(settings: Settings, options: argparse.Namespace) -> None:
    """Publishes another version: the previous one, or the one named by its number."""
    from orchestration.lib import publish, report

    before, now = publish.rollback(settings.marts, options.to)
    print(f"{settings.marts} showed {before.name}; it now shows {now.name}.")
    try:
        print(f"{report.write(settings).path} shows it too.")
    except report.ReportError as error:
        print(f"Warning: {error}")


def compare(settings: Settings, options: argparse.Namespace) -> None:
    """Compares two published versions, a preview or a replay: what changed, and why."""
    from orchestration.lib.changes import comparison, describe

    files = describe.chosen(settings, options.from_, options.to)
    if files is None:
        print("Only one version is published: there is nothing to compare it with.")
        return
    with comparison.compared(settings, *files, terminal.report) as found:
        print(describe.report(found, options.rows))


def preview(settings: Settings, options: argparse.Namespace) -> None:
    """Builds with the edited seeds and variables beside the published marts, and compares; publishes nothing."""
    from orchestration.lib.changes import comparison, describe, rebuild

    if not settings.marts.exists():
        raise UserError(f"Nothing is published at {settings.marts} yet. Run `make build` first.")
    published = settings.marts.resolve()
    built = rebuild.preview(settings, published, terminal.report)
    with comparison.compared(settings, published, built, terminal.report) as found:
        print(describe.report(found, options.rows))
        print("\n".join(describe.sentences(found)))
    print(f"Nothing was published. The preview: {built}")


def replay(settings: Settings, options: argparse.Namespace) -> None:
    """Builds the marts from the files that had landed up to a day or a load, beside the published ones."""
    from orchestration.lib.changes import rebuild

    print(f"The replay: {rebuild.replay(settings, options.through, options.rules, terminal.report)}")


def quarantine(settings: Settings, options: argparse.Namespace) -> None:
    """Lists records and values that landing could not use: table, reason, file, line."""
    from orchestration.lib.landing import quarantine

    print(quarantine.describe(settings.warehouse, raw=options.raw))


def init(settings: Settings, options: argparse.Namespace) -> None:
    """Writes a starting point for your own seeds and variables into CALL_ATTRIBUTION_CONFIG_DIR."""
    from orchestration.lib import own_settings

    written = list(own_settings.write_starting_point(settings))
    for path in written:
        print(f"Wrote {path}")
    if not written:
        print(f"{settings.config_dir} already contains these files; nothing was changed.")


def extract(settings: Settings, options: argparse.Namespace) -> None:
    """Extracts what is new in the live systems into the landing folder."""
    from orchestration.lib.sources import commands

    commands.extract(settings, terminal.report)


def reconcile(settings: Settings, options: argparse.Namespace) -> None:
    """Compares the live systems with the warehouse and writes what is missing there into the landing folder."""
    from orchestration.lib.sources import commands

    commands.reconcile(settings, terminal.report, options.accept_mass_deletion)


def check_salesforce(settings: Settings, options: argparse.Namespace) -> None:
    """Shows what would be extracted from Salesforce and how many API calls it takes; extracts nothing."""
    from orchestration.lib.sources import commands

    commands.check_salesforce(settings)


def dev(settings: Settings, options: argparse.Namespace) -> None:
    """Dagster's user interface."""
    from orchestration.runtime import home

    home.serve()


def daemon(settings: Settings, options: argparse.Namespace) -> None:
    """Dagster's daemon as a service: schedules, sensors and their runs."""
    from orchestration.runtime import home

    home.become("daemon")


def webserver(settings: Settings, options: argparse.Namespace) -> None:
    """Dagster's user interface as a service."""
    from orchestration.runtime import home

    home.become("web interface", "--host", options.host, "--port", str(options.port))


def clean(settings: Settings, options: argparse.Namespace) -> None:
    """Removes the sample dataset and everything that was built from it."""
    from orchestration.lib.sample import folder as sample_folder

    sample_folder.clean(settings, terminal.report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchestration", description="Call tracking attribution.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(command: Callable[[Settings, argparse.Namespace], None]) -> argparse.ArgumentParser:
        help_text = (command.__doc__ or "").rstrip(".")
        name = command.__name__.replace("_", "-")
        added = commands.add_parser(name, help=help_text, description=command.__doc__)
        added.set_defaults(run=command)
        return added

    commands_of_sample = {command: add(command) for command in (run, sample)}
    for added in commands_of_sample.values():
        added.add_argument("--sessions", type=_positive, default=SAMPLE_SESSIONS, help="web sessions to write")
        added.add_argument("--seed", type=int, default=SAMPLE_SEED, help="another seed gives another dataset")
    for added in (commands_of_sample[run], add(build)):
        added.add_argument("--full", action="store_true", help="full refresh: build and test everything")
    add(query).add_argument("sql")
    add(report).add_argument("--open", action="store_true", help="open the page in the browser")
    add(reconcile).add_argument(
        "--accept-mass-deletion", action="store_true", help="accept that a tenth of the rows or more was really deleted"
    )
    add(rollback).add_argument("--to", metavar="VERSION", help="a number of `versions`, also a later one")
    compared, previewed, replayed = add(compare), add(preview), add(replay)
    compared.add_argument("--from", dest="from_", metavar="VERSION", help="a number, `preview`, or `replay.<through>`")
    compared.add_argument(
        "--to", metavar="VERSION", help="the same; the default is the shown version, compared with the previous one"
    )
    for added in (compared, previewed):
        added.add_argument("--rows", type=_positive, default=20, help="how many rows each table of the answer may have")
    replayed.add_argument("--through", required=True, metavar="DAY|LOAD", help="a UTC day, or a load id of `versions`")
    replayed.add_argument("--rules", metavar="VERSION", help="with the seeds and variables of this version")
    add(quarantine).add_argument("--raw", action="store_true", help="also show the text, which is personal data")
    service = add(webserver)
    service.add_argument("--host", default="127.0.0.1", help="the address on which it listens")
    service.add_argument("--port", type=_positive, default=3000)
    for command in (daemon, init, extract, check_salesforce, summary, docs, versions, dev, clean):
        add(command)
    return parser


def _stop(number: int, frame: FrameType | None) -> None:
    from orchestration.runtime.signals import Stopped

    raise Stopped(number)


def _positive(text: str) -> int:
    try:
        number = int(text.replace("_", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


if __name__ == "__main__":
    sys.exit(main())
