"""What is asked when somebody scrapes: the store, the watcher and the queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from core.errors import StoreUnavailable
from core.release import version_of
from core.runtime import Runtime
from core.store import measures
from core.store.engine import reading
from core.store.measures import Measures

CACHED_S = 5.0
SILENT = timedelta(seconds=15)
LAG_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
# What the watcher counts, and the word of each for the label.
IDLE_EVENTS = {
    "notices": "notice",
    "lost": "lost",
    "deaf": "deaf",
    "silent": "silent",
    "polled": "polled",
    "floods": "flood",
}


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a worker is asked for what it knows: none of these waits.

    `watcher`: what it holds and has counted. `queue`: syncs waiting and running.
    `tick_age_s`: since when the scheduler did not turn.
    """

    watcher: Callable[[], dict[str, int]]
    queue: Callable[[], tuple[int, int]]
    tick_age_s: Callable[[], float]


class WorkerCollector(Collector):
    """The connections and the queue of this worker."""

    def __init__(self, vitals: Vitals) -> None:
        """Take how to ask."""
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        """Ask."""
        yield _build()
        waiting, running = self._vitals.queue()
        counts = self._vitals.watcher()
        yield GaugeMetricFamily(
            "malote_syncs_waiting", "Mailboxes that wait for a sync.", waiting
        )
        yield GaugeMetricFamily(
            "malote_syncs_running", "Mailboxes that are synced now.", running
        )
        held = GaugeMetricFamily(
            "malote_connections",
            "Connections to mail servers: to watch (IDLE), and to sync.",
            labels=["use"],
        )
        held.add_metric(["idle"], counts["lines"])
        held.add_metric(["sync"], running)
        yield held
        yield GaugeMetricFamily(
            "malote_integrations_watched",
            "Integrations whose server tells of new mail (IDLE), proved.",
            counts["watched"],
        )
        events = CounterMetricFamily(
            "malote_idle_events", "What happened to watching.", labels=["event"]
        )
        for name, event in IDLE_EVENTS.items():
            events.add_metric([event], counts.get(name, 0))
        yield events


class StoreCollector(Collector):
    """The fleet as the store knows it; asked every five seconds at most.

    Every worker of a store tells the same: do not add them up.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Take the store."""
        self._runtime = runtime
        self._lock = threading.Lock()
        self._found: Measures | None = None
        self._at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """Ask, or tell what was found a moment ago."""
        found = self._measures()
        yield GaugeMetricFamily(
            "malote_store_up", "1: the database answers.", int(found is not None)
        )
        if found is not None:
            yield from _fleet(found)
            yield _lags(found)

    def _measures(self) -> Measures | None:
        with self._lock:
            if time.monotonic() - self._at > CACHED_S:
                self._found = self._ask()
                self._at = time.monotonic()
            return self._found

    def _ask(self) -> Measures | None:
        try:
            with reading(self._runtime.engine) as conn:
                return measures.measure(conn, self._runtime.clock(), LAG_S, SILENT)
        except StoreUnavailable:
            return None


def _build() -> Metric:
    build = GaugeMetricFamily("malote_build_info", "The version.", labels=["version"])
    build.add_metric([version_of()], 1)
    return build


def _fleet(found: Measures) -> Iterator[Metric]:
    states = GaugeMetricFamily(
        "malote_integrations", "Live integrations by state.", labels=["state"]
    )
    for state, count in found.states.items():
        states.add_metric([state], count)
    yield states
    incidents = GaugeMetricFamily(
        "malote_incidents",
        "What is wrong now, by code: an error, or a warning.",
        labels=["code", "level"],
    )
    for (code, level), count in found.incidents.items():
        incidents.add_metric([code, level], count)
    yield incidents
    sinks = GaugeMetricFamily(
        "malote_alert_sinks", "Sinks of alerts, by how they do.", labels=["state"]
    )
    for state, count in found.sinks.items():
        sinks.add_metric([state], count)
    yield sinks
    for name, words, value in (
        ("messages_held", "Messages in the folders that we follow.", found.held),
        ("messages_short", "Messages that servers state and we lack.", found.short),
        ("workers", "Workers that live.", found.workers),
    ):
        yield GaugeMetricFamily(f"malote_{name}", words, value)
    yield GaugeMetricFamily(
        "malote_lag_max_seconds",
        "The longest lag of an integration.",
        found.lags.most_s,
    )
    ends = found.certificate_ends_at
    if ends is not None:
        yield GaugeMetricFamily(
            "malote_certificate_expiry_timestamp_seconds",
            "When the first certificate of a mail server expires.",
            ends.timestamp(),
        )


def _lags(found: Measures) -> Metric:
    lags = found.lags
    buckets = [(str(float(bound)), float(n)) for bound, n in lags.at_most.items()]
    return GaugeHistogramMetricFamily(
        "malote_lag_seconds",
        "How long ago a new message would last have been seen, over integrations.",
        [*buckets, ("+Inf", float(lags.mailboxes))],
        lags.sum_s,
    )
