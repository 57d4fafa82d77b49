"""Parts that more than one page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from console import nav
from console.runtime import runtime
from core import log, watch
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.words import Explanation, explain, explain_code

Row = Mapping[Any, Any]  # of a frame, by column
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$@&/])")
ROW_PX, HEAD_PX, ROWS_SHOWN = 33, 36, 20
NONE = "\N{EN DASH}"  # where a table has nothing to show
TOLD = "told"  # a sentence for the next page that is drawn
# Never colour alone: each state has its own sign too.
STATES = {
    "ok": (":material/check_circle:", "green"),
    "waiting": (":material/hourglass_top:", "blue"),
    "syncing": (":material/sync:", "blue"),
    "retrying": (":material/schedule:", "orange"),
    "needs_password": (":material/key:", "red"),
    "needs_permission": (":material/lock_person:", "red"),
    "needs_attention": (":material/error:", "red"),
    "paused": (":material/pause_circle:", "gray"),
    "disconnected": (":material/link_off:", "gray"),
}


def escaped(text: str) -> str:
    """Make a text that people or servers wrote harmless where Markdown is rendered."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


@contextmanager
def page(t: Texts, title: str) -> Iterator[None]:
    """Show a page under its title; what goes wrong is told in the reader's words."""
    st.title(t(f"{title}.title"), anchor=False)
    if told := st.session_state.pop(TOLD, ""):
        st.toast(told, icon=":material/check_circle:")
    worker_banner(t)
    with guarded(t, title):
        yield


def tell(sentence: str) -> None:
    """Let the next page that is drawn say this, in passing."""
    st.session_state[TOLD] = sentence


@st.fragment(run_every="3s")
def worker_banner(t: Texts) -> None:
    """Warn, for as long as it is so, that no worker follows the mailboxes."""
    with guarded(t, "worker"):
        if not watch.worker_lives(runtime()):
            st.warning(t("worker.silent"), icon=":material/power_off:")


def table_height(rows: int, most: int = ROWS_SHOWN) -> int:
    """Give the height in pixels of a table that shows its rows, up to `most`."""
    return HEAD_PX + ROW_PX * min(rows, most)


@contextmanager
def guarded(t: Texts, name: str) -> Iterator[None]:
    """Tell what goes wrong in a page, a dialog or a fragment in the reader's words."""
    try:
        yield
    except MailError as error:
        explanation(t, explain(t, error))
    except Exception:  # noqa: BLE001 - the last resort of a page
        # The third place where errors are caught: the rest of the frame stays.
        log.logger().exception("page broke", page=name)
        st.error(t("page.broke"), icon=":material/error:")


def explanation(t: Texts, told: Explanation) -> None:
    """Show what happened, why, and what to do; a server's words as mere text."""
    sentences = [escaped(told.what)]
    if told.do:
        sentences.append(f"**{t('page.what_to_do')}** {escaped(told.do)}")
    st.error("\n\n".join(sentences), icon=":material/error:")
    if told.server_says:
        with st.container(border=True, gap="xxsmall"):
            st.caption(t("page.server_says"))
            st.text(told.server_says)


def refused(t: Texts, error: BadInput) -> None:
    """Say which field cannot be used, and why."""
    st.error(escaped(explain(t, error).what), icon=":material/error:")


def stored_problem(t: Texts, code: str, facts: Mapping[str, str]) -> None:
    """Show a problem as it was stored."""
    explanation(t, explain_code(t, code, facts))


def state_badge(t: Texts, state: str) -> None:
    """Show a state by sign, colour and word."""
    icon, colour = STATES[state]
    st.badge(t(f"state.{state}"), icon=icon, color=colour)  # type: ignore[arg-type]  # a literal


def state_of(row: Row) -> str:
    """Give the state to show of a row of `watch.overview`.

    Not "ok" before a mailbox was read for the first time: nothing is known of it yet.
    """
    if moment_of(row, "disconnected_at"):
        return "disconnected"
    state = str(row["shown_state"])
    return "waiting" if state == "ok" and not moment_of(row, "last_sync_at") else state


def moment_of(row: Row, name: str) -> datetime | None:
    """Give an instant of a row of a frame, or None where there is none."""
    at = row[name]
    return at.to_pydatetime() if isinstance(at, pd.Timestamp) else None


def all_of_them(t: Texts, count: int, shown: int) -> None:
    """Lead to the page that shows every mailbox, where a list does not."""
    if count > shown:
        st.page_link(
            nav.path("fleet"),
            label=t("fleet.all_of_them", n=count),
            icon=":material/arrow_forward:",
        )


def nothing(t: Texts, key: str, page_name: str = "") -> None:
    """Show an empty state in words, with a way on."""
    with st.container(border=True):
        st.markdown(f"#### {t(f'{key}.title')}")
        st.markdown(t(f"{key}.text"))
        if page_name:
            st.page_link(
                nav.path(page_name),
                label=t(f"{key}.go"),
                icon=":material/arrow_forward:",
            )


def day_format(t: Texts) -> str:
    """Give the format of days for Streamlit's columns and calendars."""
    return "DD/MM/YYYY" if t.language == "pt_BR" else "YYYY-MM-DD"


def moment_column(t: Texts, label: str) -> Any:
    """Describe a column of instants, shown in the reader's zone."""
    return st.column_config.DatetimeColumn(
        label, format=f"{day_format(t)} HH:mm", timezone=t.zone.key
    )


def number_column(label: str) -> Any:
    """Describe a column of counts."""
    return st.column_config.NumberColumn(label, format="localized")
