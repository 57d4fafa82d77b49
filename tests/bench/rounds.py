"""Measure sides against each other: interleaved, in turns, medians of what they took.

Machines and moments differ, so only ratios of one run are compared.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Side = Callable[[], float]  # does its work once; gives the seconds that count


@dataclass(frozen=True, slots=True)
class Measured:
    """What each side took for one work, in seconds, round by round.

    `amount` of `unit` were worked on, for rates; `notes` say what was counted.
    """

    work: str
    amount: int
    unit: str
    seconds: Mapping[str, list[float]]
    notes: str = ""

    def median(self, side: str) -> float:
        """Give the median of a side."""
        return statistics.median(self.seconds[side])


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is no time: memory of a process, of a connection."""

    work: str
    value: float
    unit: str
    notes: str = ""


Result = Measured | Figure


def interleaved(
    sides: Mapping[str, Side], rounds: int, before: Callable[[int], None] | None = None
) -> dict[str, list[float]]:
    """Let every side work once a round; who begins changes from round to round."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds):
        if before:
            before(number)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            taken[name].append(sides[name]())
            say(f"  {name}: {taken[name][-1]:.3f} s")
    return taken


def timed(work: Callable[[], object]) -> float:
    """Give how long it took, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def say(text: str) -> None:
    """Tell whoever waits how far we are."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
