"""The worker of an embedded installation: what is due runs, a few at a time.

APScheduler looks each second for integrations that are due or asked for and hands
them to a pool of threads; one run per integration at a time is kept by the lease in
the store, so a command beside the worker is safe too.
"""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from apscheduler.schedulers.background import BackgroundScheduler

from core import log
from core.errors import Ended, MailError, Overtaken
from core.jobs.demo import DemoServers
from core.model import Trigger
from core.runtime import Runtime, holder, is_dead
from core.store import integrations, workers
from core.store.engine import reading, writing
from core.sync.run import Syncer, opener, sync

TICK_S = 1.0
BEAT_S = 5.0


class Worker:
    """Syncs what is due until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        """Prepare; nothing runs yet."""
        self._runtime = runtime
        self._holder = holder()
        self._stop = threading.Event()
        self._busy: dict[int, Future[None]] = {}
        self._pool = ThreadPoolExecutor(runtime.settings.parallel, "sync")
        self._demo = DemoServers(runtime)
        self._scheduler = BackgroundScheduler(timezone="UTC")

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

    def _begin(self) -> None:
        log.logger().info("worker starts", parallel=self._runtime.settings.parallel)
        free_the_dead(self._runtime)
        self._beat()
        jobs = ((self._tick, TICK_S), (self._beat, BEAT_S), (self._demo.keep, TICK_S))
        for job, every_s in jobs:
            self._scheduler.add_job(
                job, "interval", seconds=every_s, max_instances=1, coalesce=True
            )
        self._scheduler.start()

    def _end(self) -> None:
        self._scheduler.shutdown(wait=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._demo.stop()
        with writing(self._runtime.engine) as conn:
            workers.leave(conn, self._holder)
        log.logger().info("worker ends")

    def _beat(self) -> None:
        with writing(self._runtime.engine) as conn:
            workers.beat(conn, self._holder, self._runtime.clock())

    def _tick(self) -> None:
        self._busy = {i: f for i, f in self._busy.items() if not f.done()}
        with reading(self._runtime.engine) as conn:
            due = integrations.due(conn, self._runtime.clock())
        room = self._runtime.settings.parallel - len(self._busy)
        for integration_id in [i for i in due if i not in self._busy][:room]:
            self._busy[integration_id] = self._pool.submit(self._sync, integration_id)

    def _sync(self, integration_id: int) -> None:
        with reading(self._runtime.engine) as conn:
            asked = integrations.standing(conn, integration_id).requested_at
        trigger = Trigger.REQUEST if asked else Trigger.SCHEDULE
        try:
            sync(
                syncer(self._runtime, self._holder, self._stop), integration_id, trigger
            )
        except (Ended, Overtaken):
            return
        except MailError as error:
            log.logger().warning("sync failed", code=error.code, detail=error.detail)
        except Exception:  # noqa: BLE001 - the job loop: one mailbox must not end all
            # A bug in one mailbox must not end the others: told, and tried again.
            log.logger().exception("sync broke", integration=integration_id)
            with writing(self._runtime.engine) as conn:
                integrations.postpone(conn, integration_id, self._runtime.clock())


def syncer(runtime: Runtime, name: str, stop: threading.Event | None = None) -> Syncer:
    """Give what it takes to sync with the settings of this runtime."""
    return Syncer(
        engine=runtime.engine,
        opener=opener(runtime.engine, runtime.policy(), runtime.vault),
        holder=name,
        every_s=runtime.settings.sync_every_s,
        clock=runtime.clock,
        stopping=stop.is_set if stop else lambda: False,
    )


def free_the_dead(runtime: Runtime) -> None:
    """Take leases from processes of this host that live no more."""
    with writing(runtime.engine) as conn:
        for integration_id, name in integrations.holders(conn).items():
            if is_dead(name):
                integrations.release(conn, integration_id, name)
        for name in workers.names(conn):
            if is_dead(name):
                workers.leave(conn, name)
