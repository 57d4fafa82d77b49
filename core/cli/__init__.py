"""The command line: the same acts as the console, each with `--json`.

Exit codes: 0 done · 2 wrong use · 3 the server or the network · 4 needs the owner
(password, permission) · 5 refused by a rule. Errors are one line on standard error.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from core.cli.output import exit_code, texts
from core.errors import MailError
from core.words import explain

# Where each command is; a module is imported only when one of its commands is wanted.
COMMANDS = {
    "connect": "mailbox",
    "reconnect": "mailbox",
    "disconnect": "mailbox",
    "sync": "mailbox",
    "status": "data",
    "privacy": "data",
    "team": "data",
    "messages": "data",
    "export": "exports",
    "alerts": "alerts",
    "sink": "alerts",
    "serve": "operate",
    "worker": "operate",
    "doctor": "diagnose",
    "migrate": "operate",
}


class Commands(TyperGroup):
    """The commands, each found by its name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name them in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"core.cli.{COMMANDS[cmd_name]}")
        found = getattr(module, cmd_name)
        if isinstance(found, typer.Typer):  # a command with commands of its own
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="malote",
    help="Connect mailboxes, follow them, count what IMAP can honestly give.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Connect mailboxes, follow them, count what IMAP can honestly give."""


def main() -> None:
    """Run a command; our errors become one line and an exit code."""
    try:
        app()
    except MailError as error:
        print(f"malote: {explain(texts(), error).line}", file=sys.stderr)
        sys.exit(exit_code(error))
    except BrokenPipeError:  # `malote messages … | head`
        sys.stderr.close()
