"""The worker of an embedded installation: what is due runs, a few at a time.

The watcher tells what changed and that is synced at once; APScheduler looks each second
for what is due or asked for by people. One run per integration at a time is kept by the
lease in the store, so a command beside the worker is safe too.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from core import alerts, log, sign_in, watch
from core.errors import Ended, MailError, Overtaken, StoreUnavailable
from core.jobs import doubts, forgetting
from core.jobs.acts import Acts
from core.jobs.copies import Copies
from core.jobs.demo import DemoServers
from core.jobs.listing import Indexer
from core.jobs.outbox import Outbox
from core.jobs.probes import Probes
from core.jobs.rounds import Job, Rounds
from core.jobs.syncs import Syncs, Want
from core.jobs.watching import Policies, Watching
from core.model import Outcome, Trigger
from core.runtime import Runtime, holder, is_dead, use_calendar
from core.store import folders, followed, integrations, leases, workers
from core.store.engine import reading, writing
from core.sync.access import Access
from core.sync.look import Looks
from core.sync.run import sync
from core.sync.syncer import Syncer, opener
from core.telemetry.collector import Vitals
from core.telemetry.counting import SYNC, Counting
from core.telemetry.server import Machines

TICK_S = 1.0
FOLLOW_S = 2.0
WRITE_S = 3.0
BEAT_S = 5.0
FORGET_S = 300.0
ALERT_S = 5.0

if sys.platform != "win32":  # where sockets are not counted as files
    import resource


class Worker:
    """Watches and syncs until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        """Prepare; nothing runs yet."""
        self._runtime = runtime
        self._holder = holder()
        self._stop = threading.Event()
        self._policies = Policies(runtime)
        self._access = runtime.access(self._policies)
        self._watching = Watching(runtime, self._policies, self._access, self._want)
        self._syncs = Syncs(
            self._watching.watcher.gate,
            self._watching.place,
            self._sync,
            runtime.settings.parallel,
        )
        self._watching.is_wanted = self._syncs.is_wanted
        self._acts = Acts(runtime, self._holder, self._want, self._syncs.is_wanted)
        self._copies = Copies(runtime, self._want, self._syncs.is_wanted)
        self._outbox = Outbox(runtime, self._holder, self._access)
        self._counting = Counting()
        self._probes = Probes(
            runtime, self._watching, self._access, self._syncs, self._counting
        )
        self._looks = Looks(syncer(runtime, self._holder, self._access, self._stop))
        self._indexer = Indexer(runtime.engine, self._stop.is_set)
        self._missed: dict[int, Want] = {}  # notices that the store was not there for
        self._demo = DemoServers(runtime)
        self._rounds = Rounds(self._counting)
        vitals = Vitals(
            self.stats, self._syncs.depth, lambda: self._rounds.age_s("tick")
        )
        self.machines = Machines(runtime, self._counting.registry, vitals)

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or `stop`; then end the runs at hand in order."""
        self._begin()
        self._stop.wait()
        self._end()

    def stop(self) -> None:
        """Ask the worker to end."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """End in good order when the process is asked to."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def watched(self) -> set[int]:
        """Give the mailboxes that are watched by IDLE at this moment."""
        return self._watching.watcher.watched()

    def stats(self) -> dict[str, int]:
        """Give what the watcher counts, and the probes as `probe_…`."""
        probed = self._probes.stats()
        counts = {f"probe_{name}": count for name, count in probed.items()}
        return {**self._watching.watcher.stats(), **counts}

    def _begin(self) -> None:
        log.logger().info("worker starts", parallel=self._runtime.settings.parallel)
        allow_many_sockets()
        runtime = self._runtime
        free_the_dead(runtime)
        self._beat()
        alerts.add_missing(runtime)
        use_calendar(runtime)
        self._watching.watcher.start()
        jobs: tuple[tuple[str, Job, float], ...] = (
            ("tick", self._tick, TICK_S),
            ("acts", self._acts.tick, TICK_S),
            ("copies", self._copies.tick, TICK_S),
            ("outbox", self._outbox.tick, TICK_S),
            ("forget_mail", self._outbox.forget, FORGET_S),
            ("follow", self._watching.keep, FOLLOW_S),
            ("write_watching", self._watching.write, WRITE_S),
            ("write_looks", self._looks.write, WRITE_S),
            ("take_in", self._indexer.tick, TICK_S),
            ("write_recordings", self._access.recordings.write, TICK_S),
            ("beat", self._beat, BEAT_S),
            ("demo", self._demo.keep, TICK_S),
            ("probe", self._probes.tick, TICK_S),
            ("forget_sign_ins", partial(sign_in.forget_old, runtime), FORGET_S),
            ("finish_erasing", partial(watch.finish_erasing, runtime), FORGET_S),
            ("forget", partial(forgetting.forget, runtime), forgetting.EVERY_S),
            ("alerts", alerts.Evaluator(runtime).look, ALERT_S),
            (
                "send_alerts",
                partial(alerts.send_due, runtime, self._counting.noticed),
                ALERT_S,
            ),
            ("forget_alerts", partial(alerts.forget_old, runtime), FORGET_S),
            *doubts.jobs(runtime),
        )
        for name, job, every_s in jobs:
            self._rounds.add(name, job, every_s)
        self._rounds.start()
        self.machines.start()

    def _end(self) -> None:
        self.machines.stop()
        self._rounds.stop()
        self._watching.watcher.stop()
        self._probes.close()
        self._outbox.close()
        self._syncs.close()
        self._demo.stop()
        with suppress(StoreUnavailable), writing(self._runtime.engine) as conn:
            workers.leave(conn, self._holder)
        with suppress(StoreUnavailable):
            self._looks.write()
            self._watching.write()
            self._access.recordings.write()
        log.logger().info("worker ends")

    def _beat(self) -> None:
        with writing(self._runtime.engine) as conn:
            workers.beat(conn, self._holder, self._runtime.clock())

    def _tick(self) -> None:
        with reading(self._runtime.engine) as conn:
            due = integrations.due(conn, self._runtime.clock())
        on_the_way = self._looks.unwritten()
        due = [i for i in due if i not in on_the_way and not self._syncs.is_wanted(i)]
        if due:
            self._looks.prepare(due)
        for integration_id in due:
            self._want(integration_id, Want(Trigger.SCHEDULE))
        missed, self._missed = self._missed, {}
        for integration_id, want in missed.items():
            self._want(integration_id, want)

    def _want(self, integration_id: int, want: Want) -> None:
        self._syncs.want(integration_id, want)

    def _sync(self, integration_id: int, want: Want) -> None:
        """Sync one mailbox, in a thread of the pool; nothing is raised."""
        with log.bound(integration=integration_id):
            self._sync_safely(integration_id, want)

    def _sync_safely(self, integration_id: int, want: Want) -> None:
        try:
            self._sync_now(integration_id, want)
        except Ended:
            return
        except Overtaken:
            if want.trigger is Trigger.NOTICE:  # as soon as it is free
                self._postpone(integration_id, followed.sooner)
        except MailError as error:
            self._counting.failed(SYNC, error.code)
            log.logger().warning("sync failed", code=error.code, detail=error.detail)
            if want.trigger is Trigger.NOTICE:
                self._missed[integration_id] = want
        except Exception:  # noqa: BLE001 - the job loop: one mailbox must not end all
            # A bug in one mailbox must not end the others: told, and tried again.
            self._counting.failed(SYNC)
            log.logger().exception("sync broke")
            self._postpone(integration_id, integrations.postpone)

    def _sync_now(self, integration_id: int, want: Want) -> None:
        with reading(self._runtime.engine) as conn:
            stands = integrations.standing(conn, integration_id)
            only = known_as(conn, integration_id, want.only)
        trigger = want.trigger
        if trigger is Trigger.NOTICE and stands.backs_off(self._runtime.clock()):
            return  # what was noticed comes with the next attempt (fault 19)
        if stands.requested_at:
            trigger, only = Trigger.REQUEST, None
        who = syncer(self._runtime, self._holder, self._access, self._stop)
        every_s = self._watching.every_s(integration_id)
        if only is not None and stands.next_at:  # all folders are due as before
            left = stands.next_at - self._runtime.clock()
            every_s = max(1, min(every_s, round(left.total_seconds())))
        how = replace(who, every_s=every_s)
        if trigger is Trigger.SCHEDULE:
            report = self._looks.sync(integration_id, trigger, how)
        else:
            report = sync(how, integration_id, trigger, only)
        self._counting.synced(report, trigger)
        if report.outcome is Outcome.OK:
            self._watching.watcher.encourage(integration_id)
            if trigger is Trigger.REQUEST:  # a person may have changed a role
                self._watching.look_after_sent(integration_id)

    def _postpone(self, integration_id: int, how: Callable[..., None]) -> None:
        with suppress(StoreUnavailable), writing(self._runtime.engine) as conn:
            how(conn, integration_id, self._runtime.clock())


def known_as(
    conn: Connection, integration_id: int, names: frozenset[str] | None
) -> frozenset[str] | None:
    """Give names of folders as they were listed; None if one of them never was.

    RFC 9051 §5.1: the inbox is INBOX in any case.
    """
    if names is None:
        return None
    listed = {f.name: f.name for f in folders.current(conn, integration_id)}
    for name in [n for n in listed if n.upper() == "INBOX"]:
        listed["INBOX"] = name
    return frozenset(listed[n] for n in names) if names <= listed.keys() else None


def allow_many_sockets() -> None:
    """Allow as many open files as the system lets this process have."""
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def syncer(
    runtime: Runtime,
    name: str,
    access: Access | None = None,
    stop: threading.Event | None = None,
) -> Syncer:
    """Give what it takes to sync with the settings of this runtime."""
    access = access or runtime.access()
    return Syncer(
        engine=runtime.engine,
        opener=opener(access, access.policy()),
        holder=name,
        every_s=runtime.settings.sync_every_s,
        clock=runtime.clock,
        stopping=stop.is_set if stop else lambda: False,
    )


def free_the_dead(runtime: Runtime) -> None:
    """Take leases from processes of this host that live no more."""
    with writing(runtime.engine) as conn:
        for integration_id, name in leases.holders(conn).items():
            if is_dead(name):
                leases.release(conn, integration_id, name)
        for name in workers.names(conn):
            if is_dead(name):
                workers.leave(conn, name)
