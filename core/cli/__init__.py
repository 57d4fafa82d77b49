"""The command line: the same acts as the console, each with `--json`.

Exit codes: 0 done · 2 wrong use · 3 the server or the network · 4 needs the owner
(password, permission) · 5 refused by a rule. Errors are one line on standard error.
"""

from __future__ import annotations

import sys

import typer

from core.cli import data, mailbox, service
from core.cli.output import exit_code, texts
from core.errors import MailError
from core.words import explain

app = typer.Typer(
    name="malote",
    help="Connect mailboxes, follow them, count what IMAP can honestly give.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("connect")(mailbox.connect)
app.command("disconnect")(mailbox.disconnect)
app.command("sync")(mailbox.sync)
app.command("status")(mailbox.status)
app.command("messages")(data.messages)
app.command("export")(data.export)
app.command("serve")(service.serve)
app.command("worker")(service.worker)
app.command("doctor")(service.doctor)
app.command("migrate")(service.migrate)


def main() -> None:
    """Run a command; our errors become one line and an exit code."""
    try:
        app()
    except MailError as error:
        print(f"malote: {explain(texts(), error).line}", file=sys.stderr)
        sys.exit(exit_code(error))
    except BrokenPipeError:  # `malote messages … | head`
        sys.stderr.close()
