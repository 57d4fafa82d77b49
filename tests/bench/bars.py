"""What must be reached, and whether it was. Pure: results in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.rounds import Figure, Measured, Result

# The sides, as they are called in results.
PRODUCT, PRODUCT_NO_CONDSTORE = "product", "product, no CONDSTORE"
WIRE, RAW = "wire limit", "raw asyncio"
MBSYNC, IMAPFLOW = "mbsync", "imapflow + better-sqlite3"


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit on a ratio of two sides, or on a figure where no sides are named.

    `most` ≥ slower / quicker, or `least` ≤ slower / quicker. `aim` is wished for.
    """

    work: str  # the beginning of a work's name
    slower: str = ""
    quicker: str = ""
    most: float | None = None
    least: float | None = None
    aim: float | None = None
    unit: str = "times"

    @property
    def text(self) -> str:
        """Say what must be."""
        limit = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        if not self.slower:
            return f"{limit} {self.unit}"
        return f"{self.slower} / {self.quicker} {limit}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured for a bar. `value` is None where it was not measured."""

    work: str
    bar: Bar
    value: float | None

    @property
    def reached(self) -> bool | None:
        """Tell whether it was reached; None if it was not measured."""
        return self._within(self.bar.most, self.bar.least)

    @property
    def aimed(self) -> bool | None:
        """Tell whether the aim was reached too; None without one."""
        if self.bar.aim is None:
            return None
        if self.bar.most is not None:
            return self._within(self.bar.aim, None)
        return self._within(None, self.bar.aim)

    def _within(self, most: float | None, least: float | None) -> bool | None:
        if self.value is None:
            return None
        return (most is None or self.value <= most) and (
            least is None or self.value >= least
        )


BARS = (
    Bar("first sync", PRODUCT, WIRE, most=5, aim=3.5),
    Bar("first sync", IMAPFLOW, PRODUCT, least=3),
    Bar("memory, first sync", most=100, aim=60, unit="MB"),
    Bar("nothing changed", MBSYNC, PRODUCT, least=10),
    Bar("nothing changed", PRODUCT_NO_CONDSTORE, MBSYNC, most=1),
    Bar("delta", MBSYNC, PRODUCT, least=5, aim=10),
    Bar("delta", PRODUCT_NO_CONDSTORE, MBSYNC, most=1),
    Bar("sweep", PRODUCT, RAW, most=1.5, aim=1.3),
    Bar("IDLE, memory of a connection, plain", most=25, aim=20, unit="KiB"),
    Bar("IDLE, memory of a connection, TLS", most=60, aim=50, unit="KiB"),
    Bar("IDLE, notice after the server's own delay", most=20, unit="ms"),
    Bar("delivery in the table", most=1000, unit="ms"),
    Bar("processor of an idle worker", most=2, unit="%"),
    Bar("fleet page", "5,000", "50", most=1.5),
    Bar("a page over 1,000,000 messages", "1,000,000", "10,000", most=1.5),
    Bar("a rerun in Chromium over 1,000,000", "1,000,000", "10,000", most=1.5),
    Bar("slowest page over 1,000,000 messages", most=100, aim=25, unit="ms"),
    Bar("a count over 1,000,000 messages", "1,000,000", "100,000", most=1.5),
    Bar("slowest count over 1,000,000 messages", most=100, aim=60, unit="ms"),
    Bar("page of analysis", "10,000,000", "100,000", most=1.5),
    Bar("slowest page of analysis over 10,000,000", most=200, unit="ms"),
    # Bounded whatever the number of messages: what a year of quarters of an hour takes.
    Bar("memory of a page of analysis", most=64, unit="MB"),
)


def judged(results: Sequence[Result]) -> list[Verdict]:
    """Hold every bar against what was measured; each stays in the list."""
    return [verdict for bar in BARS for verdict in _judged(bar, results)]


def _judged(bar: Bar, results: Sequence[Result]) -> Iterator[Verdict]:
    found = [one for one in results if one.work.startswith(bar.work)]
    if not found:
        yield Verdict(bar.work, bar, None)
    for one in found:
        yield Verdict(one.work, bar, _value(bar, one))


def _value(bar: Bar, one: Result) -> float | None:
    match one:
        case Figure():
            return one.value
        case Measured() if {bar.slower, bar.quicker} <= one.seconds.keys():
            return one.median(bar.slower) / one.median(bar.quicker)
    return None
