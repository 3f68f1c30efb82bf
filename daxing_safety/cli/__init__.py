"""The command line: for administrators, timers and acceptance checks.

With --json a command prints one JSON document and nothing else on standard output.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from daxing_safety.cli import figures, installing, keeping, people, problem_lists, workbooks
from daxing_safety.cli.outcome import FAULTS, STORAGE
from daxing_safety.errors import StorageFault, UserFacingError
from daxing_safety.vocabulary import Role

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except UserFacingError as error:
        print(error, file=sys.stderr)
        return STORAGE if isinstance(error, StorageFault) else FAULTS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m daxing_safety", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_installing(commands)
    _add_workbooks(commands)
    _add_figures(commands)
    _add_keeping(commands)
    _add_people(commands)
    return parser


def _add_installing(commands: argparse._SubParsersAction) -> None:
    init = _command(
        commands, "init", installing.init, "create or upgrade the database, load the tables"
    )
    init.add_argument("--demo", action="store_true", help="a fictional, half-done programme")
    init.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input (demo: of all accounts; else: of admin)",
    )
    init.add_argument(
        "--without-backup",
        action="store_true",
        help="upgrade an older database although it cannot be backed up first",
    )
    serve = _command(commands, "serve", installing.serve, "the server with production settings")
    serve.add_argument("--host", default="0.0.0.0")
    serve.add_argument("--port", type=int, default=8501)


def _add_workbooks(commands: argparse._SubParsersAction) -> None:
    template = _command(commands, "template", workbooks.template, "workbooks to send out")
    whose = template.add_mutually_exclusive_group(required=True)
    whose.add_argument("--unit", metavar="NAME")
    whose.add_argument("--all", action="store_true")
    template.add_argument("--round", metavar="NAME", help="the open one if not given")
    template.add_argument("--out", type=Path, required=True, help="a file, or a folder for --all")
    _add_export(commands)

    check = _command(
        commands, "check", workbooks.check, "exit 0 clean, 1 faults, 2 a file could not be read"
    )
    check.add_argument("--annotated", type=Path, metavar="DIR", help="marked workbooks go here")
    submit = _command(
        commands, "submit", workbooks.submit, "store each file whole or not at all; exits as check"
    )
    submit.add_argument("--by", metavar="USERNAME")
    for command in (check, submit):
        command.add_argument("files", nargs="+", type=Path, metavar="FILE")
        command.add_argument("--json", action="store_true")


def _add_export(commands: argparse._SubParsersAction) -> None:
    export = commands.add_parser("export", help="tables to take along").add_subparsers(
        required=True, metavar="WHAT"
    )
    about = "the 问题整改清单, to be changed and handed in with submit"
    problems = _command(export, "problems", problem_lists.export, about)
    problems.add_argument("--out", type=Path, required=True, help="a file, or a folder")
    problems.add_argument("--unit", metavar="NAME", help="one unit's only")
    problems.add_argument(
        "--status",
        nargs="+",
        metavar="STATUS",
        default=(),
        help="only these, e.g. 未整改 整改中, or as NOT_STARTED IN_PROGRESS",
    )


def _add_figures(commands: argparse._SubParsersAction) -> None:
    score = _command(commands, "score", figures.score, "the district's points and losses")
    score.add_argument("--as-of", type=date.fromisoformat, default=None, metavar="DATE")
    score.add_argument("--json", action="store_true")


def _add_keeping(commands: argparse._SubParsersAction) -> None:
    about = "the database and the files it names as one zip, while the server works"
    backup = _command(commands, "backup", keeping.backup, about)
    restore = _command(commands, "restore", keeping.restore, "a backup into an empty place")
    restore.add_argument("--into", type=Path, metavar="DIR", help="the data folder if not given")
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="FILE")
    log = commands.add_parser("log", help="the server's log").add_subparsers(
        required=True, metavar="WHAT"
    )
    find = _command(log, "find", keeping.find_failure, "the error that a user was told a number of")
    find.add_argument("number", metavar="NUMBER")
    about = "database, kept sums, files and log against one another; exit 0 clean, 1 differences"
    verify = _command(commands, "verify", keeping.verify, about)
    verify.add_argument("--json", action="store_true")


def _add_people(commands: argparse._SubParsersAction) -> None:
    user = commands.add_parser("user", help="accounts").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = _command(user, "add", people.add, "passwords are asked for, or read with the option")
    add.add_argument("username")
    add.add_argument("--name", default="")
    add.add_argument("--role", required=True, choices=[role.name.lower() for role in Role])
    add.add_argument("--unit", metavar="NAME")
    add.add_argument("--valid-until", type=date.fromisoformat, metavar="DATE", help="its last day")
    about = "all accounts of a filled-in 账号开通表, or none; their slips go into a new file"
    take_in = _command(user, "import", people.take_in, about)
    take_in.add_argument("file", type=Path, metavar="FILE")
    take_in.add_argument("--slips", type=Path, required=True, metavar="DOCX")
    take_in.add_argument("--address", default="", help="of the system, as the slips tell it")
    reset = _command(user, "reset", people.reset, "a new password")
    reset.add_argument("username")
    for command in (add, reset):
        command.add_argument("--password-stdin", action="store_true")
    disable = _command(user, "disable", people.disable, "the account may no longer sign in")
    disable.add_argument("username")
    listing = _command(user, "list", people.show_all, "all accounts")
    listing.add_argument("--json", action="store_true")


def _command(
    commands: argparse._SubParsersAction, name: str, run: Command, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser
