"""Mailboxes that never were, to measure how often silence is told and how soon.

    python -m tests.silent_mailboxes 40 2     (mailboxes of each kind, years of each)

prints the table of docs/explain/watching.md. A warning is false when mail comes
afterwards. Each mailbox is also made to die, at some hour of its second half.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import EPOCH
from core.silence import (
    DAY_H,
    HOUR,
    IMPROBABLE,
    WEEK_H,
    hour_of,
    learn,
    of_week,
    silent_from,
)

BEGIN = hour_of(datetime.fromisoformat("2024-01-01T00:00+00:00"))  # a Monday
YEAR_H = 365 * DAY_H
Rate = Callable[[int], float]  # mean arrivals of an hour
Arrivals = dict[int, int]
Rule = Callable[[datetime, Arrivals, int, int], datetime | None]


@dataclass(frozen=True, slots=True)
class Found:
    """False warnings a year, and hours from death to the warning (None: not told)."""

    false_a_year: float
    hours: list[int | None]

    def told(self, share: float) -> float | None:
        """Give within how many days so many of the deaths were told."""
        after = sorted(h if h is not None else 10**6 for h in self.hours)
        h = after[min(len(after) - 1, round(share * (len(after) - 1)))]
        return None if h == 10**6 else h / DAY_H


def office(per_day: float, weekend: float = 0.02) -> Rate:
    """Mail from 11 to 21 h UTC (8 to 18 h in Brasília), and a little at any time."""

    def rate(hour: int) -> float:
        day, at = divmod(of_week(hour), DAY_H)
        share = 0.095 if 11 <= at < 21 else 0.05 / 14
        return per_day * share * (1.0 if day < 5 else weekend)

    return rate


def round_the_clock(per_day: float) -> Rate:
    return lambda hour: per_day / DAY_H * (1.3 if 8 <= hour % DAY_H < 20 else 0.7)


def nightly(per_day: float) -> Rate:
    """One newsletter at 5 h UTC each day, and office mail."""
    at_work = office(per_day)
    return lambda hour: 3.0 if hour % DAY_H == 5 else at_work(hour)


def poisson(dice: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(dice.gauss(mean, mean**0.5)))
    n, left = 0, dice.expovariate(1.0) if mean else 1.0
    while left < mean:
        n, left = n + 1, left + dice.expovariate(1.0)
    return n


def steady(dice: random.Random, rate: Rate, hours: int) -> Arrivals:
    return {h: poisson(dice, rate(h)) for h in range(BEGIN, BEGIN + hours)}


def bursty(dice: random.Random, rate: Rate, hours: int) -> Arrivals:
    """Conversations: one in six mails begins one, of six on average within hours."""
    out: Arrivals = {}
    for hour in range(BEGIN, BEGIN + hours):
        for _ in range(poisson(dice, rate(hour) / 6)):
            for _ in range(1 + int(dice.expovariate(1 / 5))):
                at = hour + int(dice.expovariate(1 / 2))
                out[at] = out.get(at, 0) + 1
    return out


def with_holidays(dice: random.Random, arrivals: Arrivals, a_year: int) -> Arrivals:
    """Nothing on so many days a year (some in pairs): the office is closed."""
    days = {hour // DAY_H for hour in arrivals}
    first, last = min(days), max(days)
    shut = set[int]()
    for year in range(first, last + 1, 365):
        for _ in range(a_year):
            day = year + dice.randrange(365)
            shut |= {day, day + 1} if dice.random() < 0.25 else {day}
    return {h: n for h, n in arrivals.items() if h // DAY_H not in shut}


def with_vacations(dice: random.Random, arrivals: Arrivals, days: int) -> Arrivals:
    """Nothing for so many days each year, at any time of it."""
    begins = [
        y + dice.randrange(330)
        for y in range(min(arrivals) // DAY_H, max(arrivals) // DAY_H, 365)
    ]
    away = {day + k for day in begins for k in range(days)}
    return {h: n for h, n in arrivals.items() if h // DAY_H not in away}


def thinning(dice: random.Random, arrivals: Arrivals, _: int = 0) -> Arrivals:
    """Half as much every eight weeks, from the second half on."""
    half = (min(arrivals) + max(arrivals)) // 2
    return {
        h: sum(
            dice.random() < 0.5 ** (max(0, h - half) / (8 * WEEK_H)) for _ in range(n)
        )
        for h, n in arrivals.items()
    }


Make = Callable[[random.Random, int], Arrivals]
KINDS: dict[str, Make] = {
    "office, 100 a day": lambda d, h: steady(d, office(100), h),
    "office, 20 a day": lambda d, h: steady(d, office(20), h),
    "office, 20 a day, in bursts": lambda d, h: bursty(d, office(20), h),
    "office, 20 a day, 12 holidays": lambda d, h: with_holidays(
        d, steady(d, office(20), h), 12
    ),
    "the same, and 10 silent days running": lambda d, h: with_vacations(
        d, with_holidays(d, steady(d, office(20), h), 12), 10
    ),
    "office, 5 a day": lambda d, h: steady(d, office(5), h),
    "round the clock, 200 a day": lambda d, h: steady(d, round_the_clock(200), h),
    "round the clock, 24 a day, in bursts": lambda d, h: bursty(
        d, round_the_clock(24), h
    ),
    "a newsletter each night, 10 a day": lambda d, h: steady(d, nightly(10), h),
    "3 a week": lambda d, h: steady(d, office(0.6), h),
    "3 a week, in bursts": lambda d, h: bursty(d, office(0.6), h),
    "20 a day, dying slowly": lambda d, h: thinning(d, steady(d, office(20), h)),
}


def by_blocks(
    since: datetime, recent: Arrivals, begin: int, end: int
) -> datetime | None:
    """Give what `core.silence` says."""
    return silent_from(since, learn(recent, begin, end))


def by_hours(_: datetime, recent: Arrivals, begin: int, end: int) -> datetime | None:
    """Give what the shares of empty hours would say, if hours were independent."""
    begin = max(begin, end - 12 * WEEK_H)
    weeks = (end - begin) // WEEK_H
    if weeks < 4:
        return None
    full = [0] * WEEK_H
    for hour, n in recent.items():
        full[of_week(hour)] += hour >= end - weeks * WEEK_H and n > 0
    p = 1.0
    for hour in range(end + 1, end + 30 * DAY_H):
        p *= (weeks - full[of_week(hour)] + 0.5) / (weeks + 1)
        if p < IMPROBABLE:
            return EPOCH + (hour + 1) * HOUR
    return None


def warnings(
    arrivals: Arrivals, until: int, rule: Rule = by_blocks
) -> Iterator[tuple[int, int]]:
    """Give each warning of a history: hour of the last arrival, hour of the warning."""
    hours = sorted(h for h, n in arrivals.items() if n and h < until)
    for last, then in zip(hours, [*hours[1:], until], strict=True):
        if then - last <= 2:
            continue
        low = bisect_left(hours, last - 13 * WEEK_H)
        high = bisect_left(hours, last)
        recent = {h: arrivals[h] for h in hours[low:high]}
        since = EPOCH + last * HOUR + timedelta(minutes=30)
        at = rule(since, recent, hours[0], last)
        if at is not None and hour_of(at) <= then:
            yield last, hour_of(at)


def measure(
    make: Make, mailboxes: int, years: int, rule: Rule = by_blocks, seed: int = 1
) -> Found:
    """Measure one kind of mailbox."""
    told, after, hours = 0, list[int | None](), years * YEAR_H
    for number in range(mailboxes):
        dice = random.Random(f"{seed} {number}")
        arrivals = make(dice, hours)
        told += sum(1 for _ in warnings(arrivals, max(arrivals), rule))
        died = BEGIN + hours // 2 + dice.randrange(hours // 2)
        late = list(
            warnings(
                {h: n for h, n in arrivals.items() if died - 14 * WEEK_H < h < died},
                died + 31 * DAY_H,
                rule,
            )
        )
        last = max((h for h, n in arrivals.items() if n and h < died))
        after.append(next((at - died for since, at in late if since == last), None))
    return Found(told / (mailboxes * years), after)


def main(mailboxes: int = 40, years: int = 2) -> None:
    """Print the table."""
    say("| mailbox | false a year | half told | 19 of 20 told | false, by hours |")
    say("|---|---|---|---|---|")
    for name, make in KINDS.items():
        found = measure(make, mailboxes, years)
        half, most = (_days(found.told(share)) for share in (0.5, 0.95))
        naive = measure(make, max(1, mailboxes // 8), years, by_hours).false_a_year
        say(f"| {name} | {found.false_a_year:.2f} | {half} | {most} | {naive:.0f} |")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _days(days: float | None) -> str:
    return "not in 30 days" if days is None else f"{days:.1f} days"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
