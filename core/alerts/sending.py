"""Send the notices that are due, each by one worker; try again what a sink refuses.

At least once: a notice stays claimed for two minutes, and is due again if the worker
died meanwhile. Whoever hears twice that a mailbox is not followed loses a moment; who
hears nothing loses mail. Short of a death in those seconds it is once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Protocol

from core import log
from core.alerts import sinks
from core.alerts.grouping import What
from core.alerts.sinks import Sending
from core.alerts.words import Message, write
from core.errors import KeyWrong, NotFound
from core.i18n import Texts
from core.runtime import Runtime
from core.secret import Secret
from core.store import alert_rules, alerts, notices
from core.store.engine import reading, writing
from core.store.notices import Notice

SINK = "sink"  # the field of the vault
AT_ONCE = 20  # notices of one pass
SINKS_AT_A_TIME = 4
CLAIMED = timedelta(minutes=2)  # longer than sending takes
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=1)


class Counted(Protocol):
    """Whoever counts attempts to send."""

    def __call__(self, *, sent: bool) -> None:
        """Count one."""


def not_counted(*, sent: bool) -> None:
    """Count nothing."""


def send_due(runtime: Runtime, counted: Counted = not_counted) -> None:
    """Send what is due; a sink that fails is left for later, the others go on."""
    with reading(runtime.engine) as conn:
        due = notices.due(conn, runtime.clock(), AT_ONCE)
    if not due:
        return
    by_sink = sorted(due, key=lambda one: one.sink_id)  # stable: in their order
    each = [list(some) for _, some in groupby(by_sink, key=lambda one: one.sink_id)]
    with ThreadPoolExecutor(min(len(each), SINKS_AT_A_TIME), "sink") as pool:
        for _ in pool.map(partial(_send_to_one, runtime, counted), each):
            pass  # what a thread raises is raised here


def wait_after(tries: int) -> timedelta:
    """Tell how long to wait after so many failures: 30 s, doubling to 15 min."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries - 1, 10)
    return min(doubled, LONGEST_WAIT)


def url_of(runtime: Runtime, sink_id: int) -> Secret:
    """Open the URL of a sink.

    Raises:
        NotFound: there is no such sink.
        KeyWrong: another key sealed it.

    """
    with reading(runtime.engine) as conn:
        value = notices.sealed(conn, sink_id)
    return runtime.vault.open(value, sink_id, SINK)


def _send_to_one(runtime: Runtime, counted: Counted, due: list[Notice]) -> None:
    """Send the notices of one sink, until one fails."""
    for notice in due:
        try:
            if not _send(runtime, counted, notice):
                return
        except NotFound:
            return  # somebody removed the sink


def _send(runtime: Runtime, counted: Counted, notice: Notice) -> bool:
    """Send a notice if nobody else does; tell whether the next may be tried."""
    with writing(runtime.engine) as conn:
        if not notices.claim(conn, notice, runtime.clock() + CLAIMED):
            return True
    what = What(notice.what)
    message = _written(runtime, notice, what)
    if message is None:
        done = Sending(ok=True)  # its alerts were forgotten
    else:
        done = _sent(runtime, notice.sink_id, what, message)
        counted(sent=done.ok)
    _note(runtime, notice, done)
    return done.ok


def _sent(runtime: Runtime, sink_id: int, what: What, message: Message) -> Sending:
    try:
        url = url_of(runtime, sink_id)
    except KeyWrong:
        return Sending(ok=False, words="the key does not open the URL")
    return sinks.send(url, what, message.title, message.body)


def _note(runtime: Runtime, notice: Notice, done: Sending) -> None:
    now, tries = runtime.clock(), notice.tries + 1
    again_at = now + wait_after(tries)
    given_up = again_at - notice.created_at > GIVEN_UP_AFTER
    with writing(runtime.engine) as conn:
        if done.ok:
            notices.sent(conn, notice.id, now)
            notices.worked(conn, notice.sink_id, now)
        else:
            later = None if given_up else again_at
            notices.unsent(conn, notice, done.words, later, now)
            notices.failed(conn, notice.sink_id, done.words, now)
    if not done.ok:
        told = {"sink": notice.sink_id, "words": done.words, "tries": tries}
        log.logger().warning("alert not sent", **told, given_up=given_up)


def _written(runtime: Runtime, notice: Notice, what: What) -> Message | None:
    with reading(runtime.engine) as conn:
        sink = notices.sink(conn, notice.sink_id)
        rule = alert_rules.rule(conn, notice.rule_id)
        told = alerts.of_ids(conn, notice.alerts)
    t, url = Texts(sink.language), runtime.settings.public_url.rstrip("/")
    return write(t, what, rule.name, told, url) if told else None
