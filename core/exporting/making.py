"""Make an export: the same for the command line and for the console's child process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from core import browse
from core.columns import MESSAGES
from core.exporting import mail, tables
from core.exporting.ask import Ask, Format
from core.exporting.asked import about, as_plain
from core.exporting.rows import rows
from core.runtime import Runtime
from core.store import runs
from core.store.engine import writing

OnDone = Callable[[int, int | None], None]  # how many of how many, if that is known


class Made(NamedTuple):
    """What was written: how many messages; `left`: how many could not be had."""

    messages: int
    left: int = 0


def make(runtime: Runtime, ask: Ask, path: Path, on_done: OnDone) -> Made:
    """Write what was asked for to a file, which is whole or not there at all.

    Raises:
        PrivacyForbids, NotFound, BadInput, MailError: as of each format.
        OSError: it cannot be written.

    """
    match ask.format:
        case Format.EML:
            mail.write_eml(runtime, ask.question.integrations, ask.ids[0], path)
            return Made(1)
        case Format.MBOX:
            return _mbox(runtime, ask, path, on_done)
    total = _total(runtime, ask)
    on_done(0, total)
    written = tables.write(
        ask.format,
        path,
        tables.Table(
            MESSAGES,
            rows(runtime, ask.question),
            about(as_plain(ask.question), runtime.clock()),
            key="message_id",
        ),
        lambda n: on_done(n, total if total is None else max(n, total)),
    )
    return Made(written)


def record(runtime: Runtime, ask: Ask, actor: str) -> None:
    """Write into the audit log that a person takes messages along."""
    some = ask.question.integrations
    facts = {
        "format": str(ask.format),
        "search": ask.question.search,
        "mailboxes": str(len(some)),
        "chosen": str(len(ask.ids)),
    }
    one = some[0] if len(some) == 1 else None
    with writing(runtime.engine) as conn:
        runs.record(conn, "export", actor, runtime.clock(), one, **facts)


def record_numbers(
    runtime: Runtime, kind: Format, question: Mapping[str, str], actor: str
) -> None:
    """Write into the audit log that a person takes numbers along."""
    one = question.get("integration")
    mailbox = int(one) if one else None
    facts = {**question, "format": str(kind)}
    with writing(runtime.engine) as conn:
        runs.record(conn, "export", actor, runtime.clock(), mailbox, **facts)


def _mbox(runtime: Runtime, ask: Ask, path: Path, on_done: OnDone) -> Made:
    done = 0

    def on_mail(n: int) -> None:
        nonlocal done
        done += n
        on_done(done, len(ask.ids))

    on_done(0, len(ask.ids))
    question = ask.question
    left = mail.write_mbox(runtime, question.integrations, ask.ids, path, on_mail)
    return Made(done - len(left), len(left))


def _total(runtime: Runtime, ask: Ask) -> int | None:
    """Give how many there are, or about how many; None: not to be had quickly."""
    found = browse.count(runtime, ask.question)
    return found.found if found.exact else found.about
