"""web-service serve: migrates the database and answers requests. web-service manage …: Django's own commands."""

import argparse
import os
import sys
from collections.abc import Sequence

from .configuration import ConfigurationError, read_configuration


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="web-service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="migrate the database and answer requests")
    manage_parser = commands.add_parser("manage", help="Django's own commands, as manage.py has them", add_help=False)
    manage_parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web_service.settings")
    try:
        return serve() if options.command == "serve" else manage(options.words)
    except (ConfigurationError, OSError) as error:
        print(f"web-service: {error}", file=sys.stderr)
        return 1


def serve() -> int:
    import django
    from django.core.management import call_command
    from django.db import connections

    from .server import Server

    configuration = read_configuration()
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    # Workers are forks, and must not share a connection.
    connections.close_all()
    Server(configuration).run()
    return 0


def manage(words: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["web-service manage", *words])
    return 0


if __name__ == "__main__":
    sys.exit(main())
