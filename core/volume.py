"""Use case: how much mail was received and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

from core import metrics
from core.runtime import Runtime
from core.store import frames
from core.store.engine import reading
from core.store.instants import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Question:
    """What to count. No folder: every message once, wherever it lies or went."""

    integration_ids: tuple[int, ...]
    first: date
    last: date
    zone: ZoneInfo
    folder_id: int | None = None
    kinds: tuple[str, ...] = metrics.DEFAULT_KINDS
    asides: tuple[str, ...] = metrics.DEFAULT_ASIDES


def per_day(runtime: Runtime, question: Question) -> pd.DataFrame:
    """Give day, received, sent; one row for every day of the period."""
    start, end = metrics.bounds(question.first, question.last, question.zone)
    with reading(runtime.engine) as conn:
        if question.folder_id is not None:
            slots = frames.folder_slots(
                conn, question.folder_id, to_ms(start), to_ms(end)
            )
        else:
            ids = list(question.integration_ids)
            slots = frames.slots(conn, ids, to_ms(start), to_ms(end))
    return metrics.per_day(
        slots,
        question.first,
        question.last,
        question.zone,
        question.kinds,
        question.asides,
    )


def extent(
    runtime: Runtime, integration_ids: tuple[int, ...], zone: ZoneInfo
) -> tuple[date, date] | None:
    """Give the first and last day of which anything is held, in a zone."""
    with reading(runtime.engine) as conn:
        found = frames.extent(conn, list(integration_ids))
    if found is None:
        return None
    first, last = (from_ms(ms).astimezone(zone).date() for ms in found)
    return first, last
