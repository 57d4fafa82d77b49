"""What a person may choose on the volume page; every choice lives in the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import streamlit as st

from console.runtime import runtime
from console.scope_pick import PART, pick_scope
from console.widgets import day_format
from core import metrics, volume, watch
from core.i18n import Texts
from core.metrics import Against, Days, Step
from core.model import Kind, Role
from core.scopes import Scope
from core.volume import HOURS_MOST, Question

DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
CUSTOM = "custom"
PERIODS = [*DAYS, CUSTOM]
USUAL = "90"
EARLIEST = date(2000, 1, 1)
KINDS = [str(kind) for kind in Kind]
ASIDES = ["drafts", "junk", "trash"]
INTERNAL = {"all": None, "internal": True, "external": False}


def choices(t: Texts) -> tuple[Question, Against]:
    """Let a person choose what to count, and what to compare it with."""
    _from_mailbox()
    left, right = st.columns(2)
    with left:
        scope = pick_scope(t)
    with right:
        folder_id, role = pick_place(t, scope)
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        days = pick_days(t, pick_period(t))
        step = pick_step(t, days)
        against = Against(_one(t, "against", list(Against), Against.BEFORE))
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        kinds = pick_kinds(t)
        aside = _some(t, "asides", ASIDES, [], "volume.aside")
        internal = None
        if folder_id is None and role is None:
            internal = INTERNAL[_one(t, "internal", list(INTERNAL), "all", help_=True)]
    asides = (*metrics.DEFAULT_ASIDES, *aside)
    return Question(
        scope, days, t.zone, step, kinds, asides, internal, folder_id, role
    ), against


def pick_place(t: Texts, scope: Scope) -> tuple[int | None, Role | None]:
    """Let a person choose a folder, or folders by what they are for, of a mailbox."""
    if not scope.is_mailbox:
        st.selectbox(
            t("volume.place"),
            [t("volume.all_folders")],
            key="volume_no_place",
            disabled=True,
            help=t("volume.place_help"),
        )
        return None, None
    titles = {"": t("volume.all_folders")}
    for role in volume.roles(runtime(), scope.id):
        titles[str(role)] = t("volume.of_role", role=t(f"role.{role}"))
    for number, name in watch.folder_titles(runtime(), scope.id).items():
        titles[str(number)] = name
    said = st.query_params.get("folder", "")
    if said not in titles:
        st.warning(t("page.unknown_folder"), icon=":material/search_off:")
    st.session_state["volume_place"] = said if said in titles else ""
    chosen = st.selectbox(
        t("volume.place"),
        list(titles),
        format_func=titles.__getitem__,
        key="volume_place",
        help=t("volume.place_help"),
        on_change=lambda: _write("folder", st.session_state["volume_place"]),
    )
    if chosen.isdecimal():
        return int(chosen), None
    return None, Role(chosen) if chosen else None


def pick_period(t: Texts) -> str:
    """Let a person choose how far back to look."""
    asked = st.query_params.get("period", USUAL)
    st.session_state["volume_period"] = asked if asked in PERIODS else USUAL
    chosen = st.segmented_control(
        t("volume.period"),
        PERIODS,
        required=True,
        format_func=lambda p: t(f"volume.days_{p}"),
        key="volume_period",
        on_change=_write_period,
    )
    return chosen or USUAL


def pick_days(t: Texts, period: str) -> Days:
    """Give the first and last day of a period; ask for those of one's own."""
    today = runtime().clock().astimezone(t.zone).date()
    if period != CUSTOM:
        return Days(today - timedelta(days=DAYS[period] - 1), today)
    # Not one field for both: Streamlit offers periods in English below such a calendar.
    asked = _asked_days(today)
    first, last = _day(t, "from", asked[0], today), _day(t, "to", asked[1], today)
    return Days(min(first, last), max(first, last))


def pick_step(t: Texts, days: Days) -> Step:
    """Let a person choose hours, days, weeks or months; hours of few days only."""
    short = days.count <= HOURS_MOST
    offered = [one for one in Step if short or one is not Step.HOUR]
    return Step(_one(t, "step", offered, Step.DAY, help_=True))


def pick_kinds(t: Texts) -> tuple[str, ...]:
    """Let a person choose the kinds; persons and lists are the usual ones."""
    usual = list(metrics.DEFAULT_KINDS)
    chosen = _some(t, "kinds", KINDS, usual, "kind")
    return tuple(chosen) or metrics.DEFAULT_KINDS


def _from_mailbox() -> None:
    """Understand a link of a page that is of one mailbox."""
    one = st.query_params.get("integration", "")
    if one and PART not in st.query_params:
        st.query_params[PART] = one
    st.query_params.pop("integration", None)


def _one(
    t: Texts, name: str, options: Sequence[str], usual: str, *, help_: bool = False
) -> str:
    """Let one of some be chosen. Texts: `volume.<name>` and `volume.<name>_of.*`."""
    key, asked = f"volume_{name}", st.query_params.get(name, usual)
    st.session_state[key] = str(asked if asked in options else usual)
    chosen = st.segmented_control(
        t(f"volume.{name}"),
        [str(one) for one in options],
        required=True,
        format_func=lambda one: t(f"volume.{name}_of.{one}"),
        key=key,
        help=t(f"volume.{name}_help") if help_ else None,
        on_change=_writer(name, key, usual),
    )
    return chosen or usual


def _some(
    t: Texts, name: str, options: list[str], usual: list[str], words: str
) -> list[str]:
    """Let some of some be chosen. Texts: `volume.<name>`, `<words>.<option>`."""
    key = f"volume_{name}"
    said = st.query_params.get(name, "").split(",")
    st.session_state[key] = [one for one in options if one in said] or usual
    return st.pills(
        t(f"volume.{name}"),
        options,
        selection_mode="multi",
        format_func=lambda one: t(f"{words}.{one}"),
        key=key,
        on_change=_writer(name, key, ""),
    )


def _writer(name: str, key: str, usual: str) -> Callable[[], None]:
    def write() -> None:
        held = st.session_state[key]
        value = held if isinstance(held, str) else ",".join(held)
        _write(name, "" if value == usual else value)

    return write


def _write(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _asked_days(today: date) -> tuple[date, date]:
    try:
        first = date.fromisoformat(st.query_params.get("from", ""))
        last = date.fromisoformat(st.query_params.get("to", ""))
    except ValueError:
        return today - timedelta(days=DAYS[USUAL] - 1), today
    first, last = max(min(first, last), EARLIEST), min(max(first, last), today)
    return min(first, today), max(last, EARLIEST)


def _write_period() -> None:
    for name in ("from", "to"):
        st.query_params.pop(name, None)
    st.query_params["period"] = st.session_state["volume_period"]


def _day(t: Texts, name: str, asked: date, today: date) -> date:
    st.session_state[f"volume_{name}"] = asked
    return st.date_input(
        t(f"volume.{name}"),
        min_value=EARLIEST,
        max_value=today,
        format=day_format(t),
        key=f"volume_{name}",
        on_change=_write_days,
        width=150,
    )


def _write_days() -> None:
    first, last = st.session_state["volume_from"], st.session_state["volume_to"]
    st.query_params["from"] = min(first, last).isoformat()
    st.query_params["to"] = max(first, last).isoformat()
