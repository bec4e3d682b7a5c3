"""The commands behind the Makefile: `python -m orchestration <command>`.

Heavy imports stand inside the commands: a wrong setting or a rollback answers at once.
"""

import argparse
import gc
import sys
from collections.abc import Callable

from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings, SettingsError
from orchestration.lib.terminal import complain, say

SAMPLE_SESSIONS = 20_000
SAMPLE_SEED = 1


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 when it did what it should, 1 when not, 2 when it was asked or set up wrongly."""
    # Imports make many objects that stay: looking through them for garbage took a quarter of their time.
    gc.set_threshold(100_000)
    options = _parser().parse_args(arguments)
    try:
        options.run(Settings.from_environment(), options)
    except SettingsError as error:
        complain(error)
        return 2
    except UserError as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        complain("Stopped. What was published stays as it was; the next run goes on from here.")
        return 130
    return 0


def sample(settings: Settings, options: argparse.Namespace) -> None:
    """Writes the sample company into the landing folder."""
    from orchestration.lib.sample import folder as sample_folder

    sample_folder.write(settings, options.sessions, options.seed, say)


def build(settings: Settings, options: argparse.Namespace) -> None:
    """Lands, builds, tests and publishes what is new in the landing folder."""
    from orchestration import runs

    runs.build(options.full)


def run(settings: Settings, options: argparse.Namespace) -> None:
    """The sample company, from nothing to the numbers."""
    sample(settings, options)
    build(settings, options)
    summary(settings, options)


def summary(settings: Settings, options: argparse.Namespace) -> None:
    """Prints what the published marts hold."""
    from orchestration.lib.publish import summary

    print(summary.summarise(settings.marts))


def query(settings: Settings, options: argparse.Namespace) -> None:
    """Answers one SQL query from the published marts."""
    from orchestration.lib.publish import summary

    print(summary.answer(settings.marts, options.sql))


def report(settings: Settings, options: argparse.Namespace) -> None:
    """Makes the report page from the published marts and says where it is."""
    from orchestration.lib import report

    written = report.write(settings)
    print(f"{written.path}  ({written.size / 1024:.0f} KiB, {written.figures} figures)")


def docs(settings: Settings, options: argparse.Namespace) -> None:
    """Makes dbt's documentation of the models, as one page."""
    from orchestration.lib.build import dbt

    if not settings.marts_build.exists():
        raise UserError(f"{settings.marts_build} does not exist: there is nothing to document. Run `make build` first.")
    print(dbt.document(settings))


def rollback(settings: Settings, options: argparse.Namespace) -> None:
    """Goes back to the version that was published before."""
    from orchestration.lib import publish

    before, now = publish.rollback(settings.marts)
    print(f"{settings.marts} showed {before.name}; it now shows {now.name}.")


def extract(settings: Settings, options: argparse.Namespace) -> None:
    """Brings what is new in the live systems into the landing folder."""
    from orchestration.lib.sources import commands

    commands.extract(settings, say)


def compare(settings: Settings, options: argparse.Namespace) -> None:
    """Compares the live systems with the warehouse: what was deleted for good, what was never seen."""
    from orchestration.lib.sources import commands

    commands.compare(settings, say, options.accept_mass_deletion)


def check_salesforce(settings: Settings, options: argparse.Namespace) -> None:
    """Shows what would be extracted from Salesforce and what it costs; extracts nothing."""
    from orchestration.lib.sources import commands

    commands.check_salesforce(settings)


def dev(settings: Settings, options: argparse.Namespace) -> None:
    """Dagster's user interface."""
    from orchestration import runs

    runs.serve()


def clean(settings: Settings, options: argparse.Namespace) -> None:
    """Removes the sample company and everything that was built from it."""
    from orchestration.lib.sample import folder as sample_folder

    sample_folder.clean(settings, say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchestration", description="Phone calls become touchpoints.")
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
        added.add_argument("--seed", type=int, default=SAMPLE_SEED, help="another seed, another company")
    for added in (commands_of_sample[run], add(build)):
        added.add_argument("--full", action="store_true", help="build and test everything anew")
    add(query).add_argument("sql")
    add(compare).add_argument(
        "--accept-mass-deletion", action="store_true", help="a tenth of the rows and more is really gone"
    )
    for command in (extract, check_salesforce, summary, report, docs, rollback, dev, clean):
        add(command)
    return parser


def _positive(text: str) -> int:
    try:
        number = int(text.replace("_", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return number


if __name__ == "__main__":
    sys.exit(main())
