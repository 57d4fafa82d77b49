"""Probe mailboxes from time to time, whether or not their server tells of new mail.

A fresh connection sees what is newest there. Where a message lacks here although the
mailbox is watched, our table is looked at once more after a moment; if nobody told of
the message until then, the watching connection is deaf and is replaced. Nothing here
has a state of its own: a probe that fails makes the mailbox due for a sync, which
states what is wrong.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from core import log
from core.errors import Ended, MailError, NotFound, Overtaken, StoreUnavailable
from core.imap.probing import Shown
from core.jobs.gate import Ask
from core.jobs.openers import Openers
from core.jobs.syncs import Syncs, Want
from core.jobs.watching import Watching
from core.model import Trigger
from core.network import Policy
from core.runtime import Runtime
from core.store import followed, integrations, probes
from core.store.engine import reading, writing
from core.sync import probe
from core.sync.access import Access
from core.sync.verdict import Verdict
from core.telemetry.counting import DEAF, FAILED, SEEN, UNEXPECTED, Counting

THREADS = 2
FIRST_S = 5.0  # after its first sync, or as many times longer as there are others
WAITING_MOST = 8  # at the gate or for a thread; the others wait in the store
ANSWER_S = 20.0  # for one command: a sync may be waiting for the place
STOP_S = 2.0
INBOX = frozenset({"INBOX"})

# IDLE need not tell at once: Dovecot looks every 30 s where the system does not tell it
# of changes to files (mailbox_idle_check_interval).
GRACE_S = 35.0


class _Doubt(NamedTuple):
    """A message that nobody told of yet, to be looked for again at `at`."""

    at: datetime
    shown: Shown


class Probes:
    """Probes that are due. `tick` is for one thread; others may be called from any."""

    def __init__(
        self,
        runtime: Runtime,
        watching: Watching,
        access: Access,
        syncs: Syncs,
        counting: Counting,
    ) -> None:
        """Prepare; nothing is probed before the first `tick`."""
        self._runtime, self._watching, self._access = runtime, watching, access
        self._syncs, self._counting = syncs, counting
        self._every_s = runtime.settings.probe_every_s
        self._openers = Openers(THREADS)
        self._busy: set[int] = set()  # from the asking to the end
        self._running: set[int] = set()
        self._changed = threading.Condition()
        self._doubts: dict[int, _Doubt] = {}
        self._counts: Counter[str] = Counter()

    def stats(self) -> dict[str, int]:
        """Give how many probes ended how: by verdict, `failed`, `skipped`, `deaf`."""
        return dict(self._counts)

    def tick(self) -> None:
        """Begin what is due, a few at a time; look again where there was a doubt."""
        if not self._every_s:
            return
        now = self._runtime.clock()
        for one, doubt in list(self._doubts.items()):
            if doubt.at <= now:
                del self._doubts[one]
                self._look_again(one, doubt.shown)
        if (room := WAITING_MOST - len(self._busy)) > 0:
            self._begin(room, now)

    def close(self) -> None:
        """Begin nothing more, and wait for a moment for what runs."""
        self._openers.stop()
        with self._changed:
            self._changed.wait_for(lambda: not self._running, STOP_S)

    def _begin(self, room: int, now: datetime) -> None:
        with reading(self._runtime.engine) as conn:
            due = probes.due(conn, now)
        never = [one for one, at in due if at is None]
        now_due = [one for one, at in due if at is not None and one not in self._busy]
        taken = now_due[:room]
        if never or taken:
            soon_s = min(self._every_s, FIRST_S * len(never))
            plan = {one: _spread(now, 0.0, soon_s) for one in never}
            half_s = self._every_s / 2
            plan |= {one: _spread(now, half_s, half_s) for one in taken}
            with writing(self._runtime.engine) as conn:
                probes.plan(conn, plan)
        for one in taken:
            self._ask(one)

    def _ask(self, one: int) -> None:
        """Ask for a connection, and skip this time where none is to be had by itself.

        Nobody who watches is sent away for a probe.
        """
        gate, place = self._watching.watcher.gate, self._watching.place(one)
        if not gate.has_room(place):
            self._counts["skipped"] += 1
            return
        self._busy.add(one)
        start = partial(self._openers.submit, partial(self._do, one))
        gate.ask(Ask(_name(one), place, start, brief=True))

    # ---- in a thread of the openers

    def _do(self, one: int) -> None:
        """Probe one mailbox; nothing is raised."""
        self._running.add(one)
        try:
            with log.bound(integration=one):
                self._probe_safely(one)
        finally:
            self._watching.watcher.gate.give_back(_name(one))
            self._busy.discard(one)
            with self._changed:
                self._running.discard(one)
                self._changed.notify_all()

    def _probe_safely(self, one: int) -> None:
        try:
            self._probe(one)
        except (Ended, NotFound, Overtaken):
            return  # it ended, or begins anew
        except StoreUnavailable as error:
            log.logger().warning("store unavailable", detail=error.detail)
        except MailError as error:
            self._failed(one, error)
        except Exception:  # noqa: BLE001 - as in the job loop: told, tried again
            log.logger().exception("probe broke")
            self._counting.probed(FAILED, UNEXPECTED)

    def _probe(self, one: int) -> None:
        began = time.monotonic()
        with reading(self._runtime.engine) as conn:
            integration = integrations.get(conn, one)
            since = integrations.credentials_since(conn, [one])[one]
        started = partial(self._watching.watcher.gate.started, _name(one))
        shown = probe.look(
            self._access, self._policy(), integration, self._runtime.clock, started
        )
        verdict = self._note(one, shown, since)
        took_ms = round((time.monotonic() - began) * 1000)
        log.logger().debug("probe", verdict=str(verdict), took_ms=took_ms)

    def _note(self, one: int, shown: Shown, since: datetime | None) -> Verdict:
        """Write what was shown, and do what follows from it."""
        watched = one in self._watching.watcher.watched()
        with writing(self._runtime.engine) as conn:
            awaited = self._syncs.is_wanted(one)
            verdict = probe.weigh(conn, one, shown, awaited=awaited)
            if not probe.note(conn, one, shown, since, verdict):
                return verdict
            now = self._runtime.clock()
            doubted = watched and verdict is Verdict.BEHIND
            if verdict is Verdict.LEVEL:
                probe.hears_again(conn, one, now, watched=watched)
            elif verdict is not Verdict.UNKNOWN and not doubted:
                followed.sooner(conn, one, now)
        self._counts[str(verdict)] += 1
        if doubted:  # it has not ended yet
            self._doubts[one] = _Doubt(now + timedelta(seconds=GRACE_S), shown)
        else:
            self._counting.probed(SEEN)
        return verdict

    def _policy(self) -> Policy:
        policy = self._access.policy()
        answer_s = min(ANSWER_S, policy.command_timeout_s)
        return replace(policy, command_timeout_s=answer_s)

    def _failed(self, one: int, error: MailError) -> None:
        """Let the sync state what is wrong, whatever a watching connection says."""
        self._counts["failed"] += 1
        self._counting.probed(FAILED, error.code)
        said = {"code": error.code, "detail": error.detail}
        log.logger().info("probe failed: sync", **said)
        with suppress(StoreUnavailable), writing(self._runtime.engine) as conn:
            followed.sooner(conn, one, self._runtime.clock())

    # ---- once more, some seconds later

    def _look_again(self, one: int, shown: Shown) -> None:
        """See whether the message has come in meanwhile, without asking the server."""
        awaited = self._syncs.is_wanted(one)
        with reading(self._runtime.engine) as conn:
            verdict = probe.weigh(conn, one, shown, awaited=awaited)
        watched = one in self._watching.watcher.watched()
        deaf = watched and verdict is Verdict.BEHIND
        self._counting.probed(DEAF if deaf else SEEN)
        if deaf:
            self._counts["deaf"] += 1
            self._watching.watcher.replace(one)
        if verdict is Verdict.BEHIND:
            self._syncs.want(one, Want(Trigger.NOTICE, INBOX if watched else None))


def _spread(now: datetime, least_s: float, more_s: float) -> datetime:
    """Spread, so that thousands that came together are not probed together."""
    return now + timedelta(seconds=least_s + more_s * random.random())  # noqa: S311 - no secret


def _name(one: int) -> tuple[str, int]:
    return ("probe", one)
