"""What a worker does again and again: each job by its name, measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from core import log
from core.errors import StoreUnavailable
from core.telemetry.counting import Counting

Job = Callable[[], object]


class Rounds:
    """Jobs at intervals; one that fails is told, and tried again at its next time."""

    def __init__(self, counting: Counting) -> None:
        """Prepare; nothing runs yet."""
        self._counting = counting
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._ended: dict[str, float] = {}  # monotonic, of the last good end
        self._lock = threading.Lock()

    def add(self, name: str, job: Job, every_s: float) -> None:
        """Do a job every so many seconds, one at a time; `name` is for the metrics."""
        self._counting.expect_job(name)
        self._scheduler.add_job(
            partial(self._attempt, name, job),
            "interval",
            seconds=every_s,
            max_instances=1,
            coalesce=True,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self._scheduler.shutdown(wait=True)

    def age_s(self, name: str) -> float:
        """Give how long ago a job went well last, in seconds; infinite: never."""
        with self._lock:
            ended = self._ended.get(name)
        return float("inf") if ended is None else time.monotonic() - ended

    def _attempt(self, name: str, job: Job) -> None:
        began = time.monotonic()
        good = False
        try:
            job()
            good = True
        except StoreUnavailable as error:  # it may be there the next time
            log.logger(job=name).warning("store unavailable", detail=error.detail)
        except Exception:  # noqa: BLE001 - the job loop: one job must not end the others
            log.logger(job=name).exception("job broke")
        ended = time.monotonic()
        self._counting.job_ran(name, ended - began, good=good)
        if good:
            with self._lock:
                self._ended[name] = ended
