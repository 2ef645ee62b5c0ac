"""The command line, `pinpack-runtime`, for scriptlets and administrators."""

import argparse
import os
import re
import signal
import sys

from typing import Any, Callable, Dict, List, Optional

from . import __version__
from .errors import EXIT_OK, EXIT_PROBLEM, EXIT_USAGE, RuntimeProblem, problem_from_os_error

DESCRIPTION = """\
Makes, verifies and removes the environments of applications, /opt/NAME/venv, and the wheels in
/var/lib/pinpack/REQSET/wheelhouse, from the files that wheel RPMs install in /usr/lib/pinpack/REQSET.
RPM scriptlets call it. You can run it too, at any time: every command can be repeated, and one that fails
leaves the previous state. Nothing of a wheel or an environment is run, except by systemd, as the service's account."""

EPILOG = """\
Prints nothing on success. Exit codes: 0 success, 1 a problem (reported on standard error, with the next step), 2 wrong usage.
`rpm -V PACKAGE` reports damage and `dnf reinstall PACKAGE` fixes it. No network is used, except by `fetch`."""

WHEELHOUSE = """\
Make, verify or remove the wheels (.whl) of the installed wheel RPMs, for `pip install --no-index --find-links
/var/lib/pinpack/REQSET/wheelhouse`. Applications do not need them. If the RPM pinpack-wheelhouse is installed, it keeps them up to date."""

MAKE_WHEELHOUSE = """\
Makes every wheel that is missing or does not have the sha256 that its RPM records, from the files that its tree's RECORD names.
If the RPM contains the wheel as one file, it makes a hard link."""

VERIFY_WHEELHOUSE = """\
Reports every wheel that is missing or does not have the sha256 that its RPM records. Changes nothing, and does not verify the
trees: `rpm -V` of the wheel RPMs does."""

REMOVE_WHEELHOUSE = "Removes the wheels, not the trees. Missing wheels are not an error."

LISTED = """\
only wheels whose facts (/usr/share/pinpack/REQSET/NAME.json) are named on standard input, one a line, as rpm passes them to
file triggers"""

VERIFY = """\
Compares every file of the tree of one wheel RPM with RECORD, or its one file with its sha256, and likewise the wheel in the
wheelhouse, if it exists. Reports each difference and how to repair it. Changes nothing."""

APPLICATION = """\
Make, verify, repair or remove the environment of an application, /usr/lib/pinpack/_environments/NAME/ID. /opt/NAME/venv is a
link to it that is switched when a new one is complete. Until then, and after any failure, the old one stays in use."""

MAKE = """\
Makes the environment that the manifest describes, switches to it, and removes those that no process uses.
If it exists and is intact, only the links are restored. If the application migrates its data, an upgrade only makes it: see `switch`."""

SWITCH = """\
Switches to the environment that `make` made. If the application migrates its data and one of its units is active, systemd runs the
migration first, in the new environment; if that fails, the old one stays in use."""

VERIFY_APPLICATION = """\
Reports each difference: the links, the interpreter, and every file that is missing, changed or added, or that users other than
root can change. Changes nothing, and runs nothing of the environment."""

REPAIR = """\
Makes the environment again, even if no difference is found, and switches to it. Restores the owner of the folders, and the owner and
mode of files that the environment shares with wheel RPMs if their content is unchanged."""

PRUNE = "Removes the environments of former versions that no process uses any more."

FETCH = """\
Keeps a local repository up to date by patches, for zypper and for hosts without network. The RPM pinpack-dnf brings it."""

REMOVE_APPLICATION = "Removes the links and the environments, not the manifest."


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs one command and gives its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["fetch"]:
        from .fetch import run_fetch

        return run_fetch(words[1:])
    options = vars(make_parser().parse_args(words))
    command = options.pop("command")
    _end_on_signals()
    try:
        command(options)
    except RuntimeProblem as problem:
        return _report(problem)
    except OSError as error:
        return _report(problem_from_os_error(error, options.get("manifest") or options["root"]))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return EXIT_OK


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser("pinpack-runtime", DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version="pinpack-runtime " + __version__)
    areas = _add_choices(parser, "AREA")
    _add_application_commands(areas)
    _add_wheelhouse_commands(areas)
    _add_wheel_commands(areas)
    # It has a parser of its own: see main.
    areas.add_parser("fetch", help="a local repository, kept up to date by patches", description=FETCH)
    return parser


def _add_wheelhouse_commands(areas: Any) -> None:
    wheelhouse = areas.add_parser("wheelhouse", help="the wheels of all wheel RPMs", description=WHEELHOUSE)
    verbs = _add_choices(wheelhouse, "VERB")
    for name, summary, text in (
        ("make", "makes the wheels that are missing or wrong", MAKE_WHEELHOUSE),
        ("verify", "reports wheels that are missing or wrong", VERIFY_WHEELHOUSE),
        ("remove", "removes the wheels", REMOVE_WHEELHOUSE),
    ):
        verb = verbs.add_parser(name, help=summary, description=text)
        verb.add_argument("reqset", nargs="?", type=_name, metavar="REQSET", help="only those of this reqset (and variant)")
        _add_root_argument(verb)
        verb.set_defaults(command=_with_wheelhouse(name))
    verbs.choices["make"].add_argument("--listed", action="store_true", help=LISTED)


def _add_wheel_commands(areas: Any) -> None:
    wheel = areas.add_parser("wheel", help="one wheel RPM", description="Verify what one wheel RPM installed.")
    verify = _add_choices(wheel, "VERB").add_parser("verify", help="reports every difference", description=VERIFY)
    verify.add_argument("reqset", type=_name, metavar="REQSET", help="the reqset (and variant): reqset3")
    verify.add_argument("name", type=_name, metavar="NAME", help="the wheel RPM's own name in it: numpy")
    _add_root_argument(verify)
    verify.set_defaults(command=_verify_wheel)


def _add_application_commands(areas: Any) -> None:
    application = areas.add_parser("application", help="the environments of applications", description=APPLICATION)
    verbs = _add_choices(application, "VERB")
    for name, run, summary, text in (
        ("make", _with_application("make_environment"), "makes the environment and switches to it", MAKE),
        ("switch", _with_application("switch_environment"), "migrates the data and switches to the environment", SWITCH),
        ("verify", _with_application("verify_environment"), "reports every difference", VERIFY_APPLICATION),
        ("repair", _with_application("repair_environment"), "makes the environment again", REPAIR),
        ("prune", _with_application("prune_environments"), "removes environments that no process uses", PRUNE),
        ("remove", _remove_environment, "removes the environment", REMOVE_APPLICATION),
    ):
        verb = verbs.add_parser(name, help=summary, description=text)
        verb.add_argument(
            "--manifest", required=True, metavar="PATH", help="the application's manifest, /opt/NAME/application.json"
        )
        verb.set_defaults(command=_with_manifest(run))


class _Parser(argparse.ArgumentParser):
    """argparse without guessed abbreviations: a later option must not change the meaning of an old scriptlet."""

    def __init__(self, prog: Optional[str] = None, description: Optional[str] = None, **options: Any) -> None:
        options["allow_abbrev"] = False
        options["formatter_class"] = argparse.RawDescriptionHelpFormatter
        super().__init__(prog=prog, description=description, **options)

    def error(self, message: str) -> Any:
        usage = self.format_usage()
        self.exit(EXIT_USAGE, "{}{}: {}\n  next step: {} --help\n".format(usage, self.prog, message, self.prog))


def _add_choices(parser: argparse.ArgumentParser, metavar: str) -> Any:
    choices = parser.add_subparsers(metavar=metavar, dest=metavar, title="commands")
    # An argument of add_subparsers only since Python 3.7.
    choices.required = True
    return choices


def _add_root_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", default="/", type=os.path.abspath, metavar="DIR", help="the root of the system, if it is not /")


def _with_manifest(run: Callable[[str], None]) -> Callable[[Dict[str, str]], None]:
    return lambda options: run(options["manifest"])


# Each command imports its modules itself: imports were half of the start-up time.


def _with_wheelhouse(verb: str) -> Callable[[Dict[str, Any]], None]:
    def run(options: Dict[str, Any]) -> None:
        from . import wheelhouse

        arguments = [options["root"], options["reqset"]]
        if options.get("listed"):
            arguments.append({os.fsdecode(line.rstrip(b"\n")) for line in sys.stdin.buffer})
        getattr(wheelhouse, verb + "_wheelhouse")(*arguments)

    return run


def _verify_wheel(options: Dict[str, str]) -> None:
    from .wheel_facts import InstalledWheel, read_place
    from .wheel_state import verify_wheel

    verify_wheel(read_place(InstalledWheel(options["root"], options["reqset"], options["name"])))


def _remove_environment(manifest: str) -> None:
    from .environment import remove_environment

    remove_environment(manifest)


def _with_application(name: str) -> Callable[[str], None]:
    """name: of a function of the module `environment`."""

    def run(manifest: str) -> None:
        from . import environment
        from .application import read_application

        getattr(environment, name)(read_application(manifest))

    return run


def _name(text: str) -> str:
    if not re.match(r"[A-Za-z0-9_+][A-Za-z0-9._+-]*\Z", text):
        raise argparse.ArgumentTypeError("{!r} is not a name: letters, digits and . _ + -".format(text))
    return text


def _report(problem: RuntimeProblem) -> int:
    # In a locale without UTF-8, standard error shows what it cannot encode as \x escapes by itself.
    sys.stderr.write("pinpack-runtime: {}\n".format(problem))
    return EXIT_PROBLEM


def _end_on_signals() -> None:
    """Lets a signal end the program through its `finally` and `except` blocks, so that no temporary file is left."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    # The kernel sends SIGIO if a process opens a file while shared_files has a lease on it.
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup the signal is ignored. Keep that.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
