"""Exports of the console: each in a child process of its own.

Not a thread: one busy thread in Streamlit's process makes every page twenty times
slower. Not the worker either: it may be on another machine, whose disk no browser can
be sent files from, and it has mailboxes to follow. A child has a core of its own,
gives back all its memory, can be cancelled by a signal in the middle of anything, and
ends with the console.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import BadInput, ExportBroke, ExportsBusy
from core.exporting import kept
from core.exporting.ask import Ask, Format
from core.exporting.kept import State, Told
from core.exporting.mail import MOST, by_mailbox, check_privacy
from core.exporting.making import record
from core.parent import end
from core.runtime import Runtime

AT_ONCE = 2  # of a console
CANCEL_S = 5.0
_children: list[subprocess.Popen[bytes]] = []
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was started."""

    format: Format
    folder: Path
    _process: subprocess.Popen[bytes] = field(repr=False)


def start(runtime: Runtime, ask: Ask, actor: str) -> Export:
    """Start an export for a person; `told` tells how far it is.

    Raises:
        ExportsBusy: two of this console are under way.
        PrivacyForbids: messages themselves are wanted, which the level forbids.
        BadInput: messages themselves are wanted, and none or too many are chosen.

    """
    kept.forget_old(runtime)
    if ask.format.of_mail:
        _check_chosen(runtime, ask)
    with _lock:
        _children[:] = [child for child in _children if not _is_over(child)]
        if len(_children) >= AT_ONCE:
            raise ExportsBusy
        record(runtime, ask, actor)
        folder = kept.new_folder(runtime)
        kept.put(folder, kept.ASKED, ask.as_plain())
        process = _child(runtime, folder)
        _children.append(process)
    return Export(ask.format, folder, process)


def told(export: Export) -> Told:
    """Tell how far it is, or what became of it.

    Raises:
        LinkExpired: it was removed.

    """
    over = _is_over(export._process)  # noqa: SLF001 - of this module
    found = kept.told_of(export.folder)
    if found.state is State.RUNNING and over:
        return replace(found, state=State.FAILED, code=ExportBroke.code)
    return found


def cancel(export: Export) -> None:
    """End an export if it is under way, and remove all of it."""
    process = export._process  # noqa: SLF001 - of this module
    if not _is_over(process):
        process.terminate()  # at once, even while it starts
        end(process, CANCEL_S)
    shutil.rmtree(export.folder, ignore_errors=True)


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a child has ended; then close our end of its pipe."""
    if process.poll() is None:
        return False
    if process.stdin is not None:
        process.stdin.close()
    return True


def _check_chosen(runtime: Runtime, ask: Ask) -> None:
    if not ask.ids or (ask.format is Format.EML and len(ask.ids) != 1):
        raise BadInput("messages", "no_messages")
    if len(ask.ids) > MOST:
        raise BadInput("messages", "too_many_messages", most=MOST)
    check_privacy(runtime, by_mailbox(runtime, ask.question.integrations, ask.ids))


def _child(runtime: Runtime, folder: Path) -> subprocess.Popen[bytes]:
    settings = runtime.settings
    here = {
        "MALOTE_DATA": str(settings.data),
        "MALOTE_DATABASE_URL": settings.database_url,
        "MALOTE_KEY_FILE": str(settings.key_file),
    }
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "core.exporting.job", str(folder)],
        env=os.environ | here,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C goes to the parent alone
    )
