"""From a bar, or a cell of the map, to its messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from console import nav
from core import metrics, volume
from core.i18n import Texts
from core.metrics import Step
from core.scopes import EVERYBODY
from core.volume import Question, Volume

GO = "volume_go"  # a query of the messages page, to go to
SEEN = 1  # the trace of a map whose points are its cells
HOUR = timedelta(hours=1)


def follow() -> None:
    """Go to the messages that were asked for by a click.

    Streamlit 1.67 writes their query into the address of this page before it leaves it,
    and Back leads there: so what was chosen here goes along, and the messages page
    leaves alone what it does not know.
    """
    if asked := st.session_state.pop(GO, None):
        here = st.query_params.to_dict()
        here.pop("folder", None)  # of a role: no folder of the messages page
        st.switch_page(nav.path("messages"), query_params=here | asked)


def from_bars(t: Texts, found: Volume, key: str) -> Callable[[], None]:
    """Give what happens when bars are clicked on: messages of their time."""
    return lambda: _go(bars_query(t, found, _points(key)))


def from_cells(t: Texts, found: Volume, direction: str, key: str) -> Callable[[], None]:
    """Give what happens when a cell of the map is clicked on."""
    return lambda: _go(cell_query(t, found, direction, _points(key)))


def bars_query(t: Texts, found: Volume, points: list[dict[str, Any]]) -> dict[str, str]:
    """Give the query of the messages of some bars; of nothing, if there are none.

    Several bars are one range; of an hour, the page begins with its messages.
    """
    some = [one for one in points if one["curve_number"] < len(metrics.DIRECTIONS)]
    if not some:
        return {}
    ways = {metrics.DIRECTIONS[one["curve_number"]] for one in some}
    places = [int(one["point_index"]) for one in some]
    starts = found.steps["start"]
    first, last = starts[min(places)], starts[max(places)]
    asked = _query(found.question, ways.pop() if len(ways) == 1 else "")
    if found.question.step is Step.HOUR:
        ends = (last + HOUR).to_pydatetime()
        first, last = (at.tz_convert(t.zone) for at in (first, last))
        return asked | _days(first.date(), last.date()) | _before(ends)
    ends = _end(last.date(), found.question.step)
    days = found.question.days
    return asked | _days(max(first.date(), days.first), min(ends, days.last))


def cell_query(
    t: Texts, found: Volume, direction: str, points: list[dict[str, Any]]
) -> dict[str, str]:
    """Give the query of the messages of a cell: of its latest day with a message.

    An hour of all Mondays is no one range of days: the latest Monday is shown, from the
    end of that hour on.
    """
    cells = [int(one["point_index"]) for one in points if one["curve_number"] == SEEN]
    if not cells:
        return {}
    weekday, hour = divmod(cells[0], 24)
    day = metrics.last_day_with(found.slots, weekday, hour, direction, t.zone)
    if day is None:
        return {}
    ends = volume.midnight(day + timedelta(days=1), t.zone)
    if hour < 23:  # noqa: PLR2004 - the last hour of a day
        here = pd.Timestamp(day.isoformat()) + pd.Timedelta(hours=hour + 1)
        local = here.tz_localize(t.zone, ambiguous=False, nonexistent="shift_forward")
        ends = local.to_pydatetime()
    return _query(found.question, direction) | _days(day, day) | _before(ends)


def _query(question: Question, direction: str) -> dict[str, str]:
    asked = {"kinds": ",".join(question.kinds)}
    if question.scope.is_mailbox:
        asked["integration"] = question.scope.text
    else:
        asked["integration"] = EVERYBODY
    if direction:
        asked["direction"] = direction
    if question.folder_id is not None:
        asked["folder"] = str(question.folder_id)
    return asked


def _days(first: date, last: date) -> dict[str, str]:
    return {"since": first.isoformat(), "until": last.isoformat()}


def _before(ends: Any) -> dict[str, str]:
    return {"before": volume.page_before(ends)}


def _end(start: date, step: Step) -> date:
    """Give the last day of a week or month."""
    if step is Step.WEEK:
        return start + timedelta(days=6)
    if step is Step.MONTH:
        return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return start


def _points(key: str) -> list[dict[str, Any]]:
    return [dict(one) for one in st.session_state[key]["selection"]["points"]]


def _go(asked: dict[str, str]) -> None:
    if asked:
        st.session_state[GO] = asked
