"""The command line, `pinpack-runtime`: what scriptlets call, and what an administrator calls to look and to repair."""

import argparse
import re
import signal
import sys

from typing import Any, Callable, Dict, List, Optional

from . import __version__
from .canonical_wheel import WheelPlace, rebuild_wheel, remove_wheel
from .errors import EXIT_OK, EXIT_PROBLEM, EXIT_USAGE, RuntimeProblem, problem_from_os_error

DESCRIPTION = """\
Keeps what pinpack's RPMs need on this machine: the wheels in /var/lib/pinpack/REQSET/wheelhouse,
made from the unpacked trees in /usr/lib/pinpack/REQSET/NAME, and the environments of applications,
/opt/NAME/venv, made from both. RPM scriptlets call it; you may too, at any time: every command can be
repeated, and a failing one leaves what was there."""

EPILOG = """\
Prints nothing when all is well. Exit codes: 0 well, 1 a problem (told on standard error, with the next step), 2 wrong usage.
When something is broken: `rpm -V PACKAGE` tells what; `dnf reinstall PACKAGE` puts it right. No network is used."""

REBUILD = """\
Makes the wheel (.whl) from the files that the tree's RECORD names, and puts it in place only if it has
the sha256 that was known when the RPM was built."""

VERIFY = """\
Compares the wheel with its sha256 and every file of the tree with RECORD, tells each difference and how to repair it.
Changes nothing."""

REMOVE = "Removes the wheel (.whl). The tree is the RPM's. A wheel that is not there is no problem."

APPLICATION = """\
Make, verify, repair or remove the environment of an application. It lies in /opt/NAME/environments/ID, and /opt/NAME/venv
is a link to it, which changes at once when a new one is complete. Until then, and after any failure, the old one serves."""

MAKE = """\
Makes the environment that the manifest asks for, switches to it, and removes the others.
Where it is there already and intact, only the link is set."""

VERIFY_APPLICATION = """\
Tells each difference: the link, the interpreter, and every file of the wheels against RECORD (hard links to the unpacked
trees count as right: rpm -V verifies those). Changes nothing."""

REPAIR = "Makes the environment again, even where nothing seems wrong, and switches to it."

REMOVE_APPLICATION = "Removes the link and the environments. The manifest is the RPM's."


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs one command and gives its exit code."""
    options = vars(make_parser().parse_args(arguments))
    command = options.pop("command")
    _end_on_signals()
    try:
        command(options)
    except RuntimeProblem as problem:
        return _tell(problem)
    except OSError as error:
        return _tell(problem_from_os_error(error, options.get("wheel") or options["manifest"]))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return EXIT_OK


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser("pinpack-runtime", DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version="pinpack-runtime " + __version__)
    areas = _add_choices(parser, "AREA")
    _add_wheel_commands(areas)
    _add_application_commands(areas)
    return parser


def _add_wheel_commands(areas: Any) -> None:
    wheel = areas.add_parser("wheel", help="the wheels in the wheelhouse", description="Rebuild, verify or remove a wheel.")
    verbs = _add_choices(wheel, "VERB")
    for name, run, summary, text in (
        ("rebuild", rebuild_wheel, "makes the wheel from its tree", REBUILD),
        ("verify", _verify_wheel, "tells whether the wheel and its tree are intact", VERIFY),
    ):
        verb = verbs.add_parser(name, help=summary, description=text)
        _add_place_arguments(verb)
        verb.set_defaults(command=_with_place(run))
    remove = verbs.add_parser("remove", help="removes the wheel", description=REMOVE)
    _add_wheel_argument(remove)
    remove.set_defaults(command=lambda options: remove_wheel(options["wheel"]))


def _add_application_commands(areas: Any) -> None:
    application = areas.add_parser("application", help="the environments of applications", description=APPLICATION)
    verbs = _add_choices(application, "VERB")
    for name, run, summary, text in (
        ("make", _with_application("make_environment"), "makes the environment and switches to it", MAKE),
        ("verify", _with_application("verify_environment"), "tells whether the environment is intact", VERIFY_APPLICATION),
        ("repair", _with_application("repair_environment"), "makes the environment again", REPAIR),
        ("remove", _remove_environment, "removes the environment", REMOVE_APPLICATION),
    ):
        verb = verbs.add_parser(name, help=summary, description=text)
        verb.add_argument(
            "--manifest", required=True, metavar="PATH", help="the application's manifest, /opt/NAME/application.json"
        )
        verb.set_defaults(command=_with_manifest(run))


class _Parser(argparse.ArgumentParser):
    """argparse without guessed abbreviations: a later option must not change what an old scriptlet says."""

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


def _add_place_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tree", required=True, metavar="DIR", help="the unpacked wheel, as the RPM installed it")
    parser.add_argument(
        "--dist-info",
        required=True,
        type=_dist_info,
        metavar="NAME.dist-info",
        help="the folder in the tree that holds the wheel's RECORD",
    )
    _add_wheel_argument(parser)
    parser.add_argument("--sha256", required=True, type=_sha256, metavar="HEX", help="what the wheel's sha256 must be")


def _add_wheel_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wheel", required=True, type=_wheel, metavar="PATH.whl", help="the wheel in the wheelhouse")


def _with_place(run: Callable[[WheelPlace], None]) -> Callable[[Dict[str, str]], None]:
    return lambda options: run(WheelPlace(*(options[field] for field in WheelPlace._fields)))


def _with_manifest(run: Callable[[str], None]) -> Callable[[Dict[str, str]], None]:
    return lambda options: run(options["manifest"])


# What only some commands need is imported by these: rpm starts this once for each wheel, and half of that time was imports.


def _verify_wheel(place: WheelPlace) -> None:
    from .wheel_state import verify_wheel

    verify_wheel(place)


def _remove_environment(manifest: str) -> None:
    from .environment import remove_environment

    remove_environment(manifest)


def _with_application(name: str) -> Callable[[str], None]:
    """`name`: of a function of `environment`."""

    def run(manifest: str) -> None:
        from . import environment
        from .application import read_application

        getattr(environment, name)(read_application(manifest))

    return run


def _dist_info(text: str) -> str:
    if "/" in text or "\\" in text or not text.endswith(".dist-info") or text == ".dist-info":
        raise argparse.ArgumentTypeError("{!r} is not the name of a folder NAME.dist-info".format(text))
    return text


def _wheel(text: str) -> str:
    if not text.endswith(".whl"):
        raise argparse.ArgumentTypeError("{!r} does not end with .whl".format(text))
    return text


def _sha256(text: str) -> str:
    if not re.match(r"[0-9a-fA-F]{64}\Z", text):
        raise argparse.ArgumentTypeError("{!r} is not a sha256 of 64 hexadecimal digits".format(text))
    return text.lower()


def _tell(problem: RuntimeProblem) -> int:
    # In a locale without UTF-8, standard error shows what it cannot encode as \x escapes by itself.
    sys.stderr.write("pinpack-runtime: {}\n".format(problem))
    return EXIT_PROBLEM


def _end_on_signals() -> None:
    """Lets a signal end the program through its `finally` and `except` blocks, so that no temporary file stays."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup the hang-up is ignored, and stays so.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
