"""Which number is to be had by which method of integration, and how sure it is. Pure.

METRICS: exact, derived, evidence, or not available; in words, never as a nought.
"""

from __future__ import annotations

from enum import StrEnum

from core.model import Method


class Level(StrEnum):
    """How sure a number is."""

    EXACT = "exact"  # counted from the mailbox
    DERIVED = "derived"  # inferred from headers
    EVIDENCE = "evidence"  # seen when it was seen, absent otherwise
    NONE = "none"  # not available


class Metric(StrEnum):
    """What can be counted; texts are `metric.<name>.*`."""

    VOLUME = "volume"
    DIRECTION = "direction"
    TIME = "time"
    KIND = "kind"
    ASIDE = "aside"
    UNREAD = "unread"
    WEEK = "week"
    CORRESPONDENTS = "correspondents"
    RESPONSE = "response"
    REPLIES = "replies"
    CONVERSATIONS = "conversations"
    SIZE = "size"
    DELIVERY = "delivery"
    BOUNCES = "bounces"
    RECEIPTS = "receipts"
    LAG = "lag"
    COVERAGE = "coverage"
    OPENS = "opens"
    CLICKS = "clicks"
    DELIVERED = "delivered"


IMAP: dict[Metric, Level] = {
    Metric.VOLUME: Level.EXACT,
    Metric.DIRECTION: Level.DERIVED,
    Metric.TIME: Level.EXACT,
    Metric.KIND: Level.DERIVED,
    Metric.ASIDE: Level.EXACT,
    Metric.UNREAD: Level.EXACT,
    Metric.WEEK: Level.EXACT,
    Metric.CORRESPONDENTS: Level.EXACT,
    Metric.RESPONSE: Level.DERIVED,
    Metric.REPLIES: Level.DERIVED,
    Metric.CONVERSATIONS: Level.DERIVED,
    Metric.SIZE: Level.EXACT,
    Metric.DELIVERY: Level.EVIDENCE,
    Metric.BOUNCES: Level.EVIDENCE,
    Metric.RECEIPTS: Level.EVIDENCE,
    Metric.LAG: Level.EXACT,
    Metric.COVERAGE: Level.EXACT,
    Metric.OPENS: Level.NONE,
    Metric.CLICKS: Level.NONE,
    Metric.DELIVERED: Level.NONE,
}
# Google and Microsoft are signed in to with OAuth, and then are read by IMAP and send
# by SMTP like all others (`core.oauth`, `core.sync.access`); their own interfaces are
# not used. So they tell neither more nor less: only the reasons differ.
MATRIX: dict[Method, dict[Metric, Level]] = dict.fromkeys(Method, IMAP)


def level(metric: Metric, method: Method = Method.IMAP) -> Level:
    """Give how sure a metric is by a method."""
    return MATRIX[method][metric]


def never() -> list[Metric]:
    """List what no method tells."""
    return [m for m in Metric if all(level(m, by) is Level.NONE for by in Method)]
