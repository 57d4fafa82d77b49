"""A worker process that answers questions: how many it watches, what it has noticed.

The worker is the product's own. It is asked by a line on its standard input and answers
by one on its standard output; when the input ends, so does the worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psutil

from core.jobs.embedded import Worker
from core.jobs.syncs import Want
from core.model import Trigger
from core.runtime import open_runtime
from core.settings import read_settings

LOOK_S = 0.5
QUIET_S = 3.0
Stats = dict[str, int]


class Watched:
    """The process as the bench sees it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.idle_worker"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._seen = psutil.Process(self._process.pid)

    def stats(self) -> Stats:
        found = self._ask("stats")
        assert isinstance(found, dict)
        return found

    def noticed(self, mailbox: int, since: float) -> float:
        """Give when a mailbox was first noticed to have changed, after a moment."""
        found = self._ask(f"noticed {mailbox}")
        assert isinstance(found, list)
        return min((at for at in found if at >= since - 1), default=float("inf"))

    def until(self, reached: Callable[[Stats], bool], seconds: float) -> None:
        """Wait until the figures are as they should be."""
        end = time.monotonic() + seconds
        while not reached(stats := self.stats()):
            if time.monotonic() > end:
                raise TimeoutError(f"worker: {stats}")
            time.sleep(LOOK_S)

    def quiet_rss_kib(self) -> float:
        """Give its memory once it rests."""
        time.sleep(QUIET_S)
        return self._seen.memory_info().rss / 1024

    def cpu_percent(self, seconds: float) -> float:
        """Give the share of one core that it takes over some time."""
        before, began = self._cpu_s(), time.monotonic()
        time.sleep(seconds)
        return 100 * (self._cpu_s() - before) / (time.monotonic() - began)

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        if self._process.stdout:
            self._process.stdout.close()

    def _cpu_s(self) -> float:
        times = self._seen.cpu_times()
        return float(times.user + times.system)

    def _ask(self, question: str) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class _Noting(Worker):
    """The worker, with the times of its notices kept."""

    def _want(self, integration_id: int, want: Want) -> None:
        if want.trigger is Trigger.NOTICE:
            NOTICES.setdefault(integration_id, []).append(time.monotonic())
        super()._want(integration_id, want)

    def busy(self) -> bool:
        return self._syncs.is_busy()


NOTICES: dict[int, list[float]] = {}


def main() -> None:
    """Work, and answer, until the input ends."""
    worker = _Noting(open_runtime(read_settings()))
    thread = threading.Thread(target=worker.run)
    thread.start()
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        answer: object = {**worker.stats(), "busy": int(worker.busy())}
        if word == "noticed":
            answer = NOTICES.pop(int(rest), [])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    worker.stop()
    thread.join()


if __name__ == "__main__":
    main()
