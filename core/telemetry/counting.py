"""What a worker counts: syncs, messages, errors, probes, notices, jobs.

Each worker has an object and a registry of its own. Labels are words of this program
only, never of a mailbox: their number does not grow with the mailboxes.
"""

from __future__ import annotations

from dataclasses import asdict

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from core import errors
from core.errors import MailError
from core.model import Changes, Outcome, Trigger
from core.sync.syncer import Report

SYNC, WATCH, PROBE, ALERT = "sync", "watch", "probe", "alert"  # kinds of work
UNEXPECTED = "unexpected"  # the code of a bug
ENDINGS = (Outcome.OK, Outcome.FAILED, Outcome.STOPPED)
SYNC_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
JOB_S = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60)
SEEN, FAILED, DEAF = "seen", "failed", "deaf"  # how a probe ends
SENT = "sent"

# When each series began: a third of all lines, and of no use to any query of ours.
disable_created_metrics()  # type: ignore[no-untyped-call]  # of theirs


class Counting:
    """Counters and histograms of one worker. All methods may be called by any thread.

    `registry` holds them, to be shown; nothing is in the library's global one.
    """

    def __init__(self) -> None:
        """Begin at zero, with every series that can be named beforehand."""
        self.registry = CollectorRegistry()
        here = self.registry
        self._syncs = Counter(
            "malote_syncs", "Syncs that ended.", ["outcome", "trigger"], registry=here
        )
        self._seconds = Histogram(
            "malote_sync_duration_seconds",
            "How long syncs took.",
            ["outcome"],
            buckets=SYNC_S,
            registry=here,
        )
        self._messages = Counter(
            "malote_sync_messages",
            "Messages that syncs found added, changed, moved or gone.",
            ["change"],
            registry=here,
        )
        self._errors = Counter(
            "malote_errors",
            "Attempts that failed, by the code of the error.",
            ["code", "work"],
            registry=here,
        )
        self._probes = Counter(
            "malote_probes", "Probes that ended.", ["outcome"], registry=here
        )
        self._notices = Counter(
            "malote_alert_notices",
            "Attempts to send a notice of alerts.",
            ["outcome"],
            registry=here,
        )
        self._jobs = _Jobs(here)
        self._expect()

    def synced(self, report: Report, trigger: Trigger) -> None:
        """Count a sync that ended, well or not."""
        outcome = str(report.outcome)
        self._syncs.labels(outcome, str(trigger)).inc()
        self._seconds.labels(outcome).observe(report.seconds)
        for change, count in asdict(report.changes).items():
            self._messages.labels(change).inc(count)
        if report.outcome is Outcome.FAILED and report.error is not None:
            self.failed(SYNC, report.error.code)

    def failed(self, work: str, code: str = UNEXPECTED) -> None:
        """Count an attempt that failed: `work` is what was tried, `code` the error's.

        A bug has no code.
        """
        self._errors.labels(code, work).inc()

    def probed(self, outcome: str, code: str = "") -> None:
        """Count a probe: `seen`, `deaf` (it found what we lack), or `failed`."""
        self._probes.labels(outcome).inc()
        if code:
            self.failed(PROBE, code)

    def noticed(self, *, sent: bool, times: int = 1) -> None:
        """Count attempts to send a notice of alerts."""
        self._notices.labels(SENT if sent else FAILED).inc(times)

    def expect_job(self, name: str) -> None:
        """Show a job from the beginning, though it has not run yet."""
        self._jobs.expect(name)

    def job_ran(self, name: str, seconds: float, *, good: bool) -> None:
        """Count a run of a job of the scheduler."""
        self._jobs.ran(name, seconds, good=good)

    def _expect(self) -> None:
        """Make series at zero: a rate does not see the first of one that is new."""
        for outcome in ENDINGS:
            self._seconds.labels(str(outcome))
            for trigger in Trigger:
                self._syncs.labels(str(outcome), str(trigger))
        for change in asdict(Changes()):
            self._messages.labels(change)
        for code in sorted(codes()):
            self._errors.labels(code, SYNC)
        for ending in (SEEN, DEAF, FAILED):
            self._probes.labels(ending)
        for ending in (SENT, FAILED):
            self._notices.labels(ending)


class _Jobs:
    """What the scheduler does."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "malote_job_duration_seconds",
            "How long runs of the worker's periodic jobs took.",
            ["name"],
            buckets=JOB_S,
            registry=registry,
        )
        self._failures = Counter(
            "malote_job_failures",
            "Runs of periodic jobs that failed.",
            ["name"],
            registry=registry,
        )
        self._last = Gauge(
            "malote_job_last_success_timestamp_seconds",
            "When a periodic job went well last; 0: never.",
            ["name"],
            registry=registry,
        )

    def expect(self, name: str) -> None:
        self._seconds.labels(name)
        self._failures.labels(name)
        self._last.labels(name)

    def ran(self, name: str, seconds: float, *, good: bool) -> None:
        self._seconds.labels(name).observe(seconds)
        if good:
            self._last.labels(name).set_to_current_time()
        else:
            self._failures.labels(name).inc()


def codes() -> set[str]:
    """Give the code of every error that a server or a rule may answer with."""
    found = (getattr(errors, name) for name in errors.__all__)
    kinds = (k for k in found if isinstance(k, type) and issubclass(k, MailError))
    return {kind.code for kind in kinds} | {UNEXPECTED}
