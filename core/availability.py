"""Which number is to be had by which method of integration, and how sure it is. Pure.

METRICS: exact, derived, evidence, or not available; in words, never as a nought.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How sure a number is."""

    EXACT = "exact"  # counted from the mailbox
    DERIVED = "derived"  # inferred from headers
    EVIDENCE = "evidence"  # seen when it was seen, absent otherwise
    NONE = "none"  # not available


class Metric(StrEnum):
    """What can be counted; texts are `metric.<name>.*`."""

    VOLUME = "volume"
    UNREAD = "unread"
    SIZE = "size"
    CORRESPONDENTS = "correspondents"
    RESPONSE = "response"
    CONVERSATIONS = "conversations"
    DELIVERY = "delivery"
    BOUNCES = "bounces"
    RECEIPTS = "receipts"
    OPENS = "opens"
    CLICKS = "clicks"
    DELIVERED = "delivered"


IMAP: dict[Metric, Level] = {
    Metric.VOLUME: Level.EXACT,
    Metric.UNREAD: Level.EXACT,
    Metric.SIZE: Level.EXACT,
    Metric.CORRESPONDENTS: Level.EXACT,
    Metric.RESPONSE: Level.DERIVED,
    Metric.CONVERSATIONS: Level.DERIVED,
    Metric.DELIVERY: Level.EVIDENCE,
    Metric.BOUNCES: Level.EVIDENCE,
    Metric.RECEIPTS: Level.EVIDENCE,
    Metric.OPENS: Level.NONE,
    Metric.CLICKS: Level.NONE,
    Metric.DELIVERED: Level.NONE,
}
