"""The button that exports messages: what as, how far it is, and the download."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import explanation, guarded, stored_problem
from core import browse, exporting
from core.browse import Question
from core.errors import LinkExpired, MailError
from core.exporting import Ask, Export, Format, State, Told
from core.i18n import Texts
from core.words import explain

RUNNING = "export_running"  # the export of this session, until it is put away
PROBLEM = "export_problem"
EVERY = "1s"


def export(t: Texts, question: Question, ids: Sequence[int]) -> None:
    """Offer to export what is asked for, or the messages `ids` that were chosen.

    Nothing is counted before the panel is opened.
    """
    panel = st.popover(
        t("export.button"),
        icon=":material/download:",
        key="export_panel",
        on_change="rerun",
    )
    if not panel.open:
        return
    with panel, guarded(t, "export"):
        running: Export | None = st.session_state.get(RUNNING)
        if running is None:
            _choice(t, question, ids)
        else:
            _shown(t, running)


def _choice(t: Texts, question: Question, ids: Sequence[int]) -> None:
    kinds = [one for one in Format if not one.of_mail or _fits(one, ids)]
    kind = st.radio(
        t("export.format"),
        kinds,
        format_func=lambda one: t(f"export.kind.{one}"),
        key=f"export_format_{len(kinds)}",  # other choices are another widget
    )
    of_mail = kind.of_mail
    st.caption(t("export.chosen", n=len(ids)) if of_mail else _how_many(t, question))
    st.caption(t("export.column_note" if ids else "export.choose"))
    if problem := st.session_state.pop(PROBLEM, None):
        explanation(t, explain(t, problem, now=True))
    st.button(
        t("export.go"),
        type="primary",
        key="export_go",
        on_click=_start,
        args=(Ask(kind, question, tuple(ids) if of_mail else ()),),
    )


def _fits(kind: Format, ids: Sequence[int]) -> bool:
    return bool(ids) if kind is Format.MBOX else len(ids) == 1


def _how_many(t: Texts, question: Question) -> str:
    found = browse.count(runtime(), question)
    if found.exact:
        return t("export.rows", n=found.found)
    if found.about:
        return t("export.about", n=found.about)
    return t("export.more", n=found.found)


def _start(ask: Ask) -> None:
    try:
        st.session_state[RUNNING] = exporting.start(runtime(), ask, ACTOR)
    except MailError as error:  # shown where the button is
        st.session_state[PROBLEM] = error


def _shown(t: Texts, running: Export) -> None:
    told = _told(running)
    if told.state is State.RUNNING:
        # Only while it runs is anything asked again and again.
        st.fragment(_progress, run_every=EVERY)(t, running)
    elif told.state is State.DONE:
        _done(t, running, told)
    else:
        stored_problem(t, told.code, told.facts)
        _put_away(t, "export.again")


def _told(running: Export) -> Told:
    try:
        return exporting.told(running)
    except LinkExpired as error:
        return Told(State.FAILED, code=error.code)


def _progress(t: Texts, running: Export) -> None:
    with guarded(t, "export"):
        told = _told(running)
        if told.state is not State.RUNNING:
            st.rerun()
        total = told.total
        if not told.done:
            st.progress(0.0, t("export.starting"))
        elif total is None:
            st.progress(0.0, t("export.so_far", done=told.done))
        else:
            share = min(1.0, told.done / max(total, 1))
            st.progress(share, t("export.of", done=told.done, total=total))
        if st.button(t("export.cancel"), key="export_cancel", on_click=_forget):
            st.rerun()


def _done(t: Texts, running: Export, told: Told) -> None:
    st.text(t("export.done", n=told.done, size=t.size(told.size_bytes)))
    if told.left:
        st.warning(t("export.left", n=told.left), icon=":material/warning:")
    st.text(told.name)
    _link(running, "file", t("export.download"))
    if running.format is Format.CSV:
        _link(running, "about", t("export.beside"))
    st.caption(t("export.kept"))
    _put_away(t, "export.again")


def _link(running: Export, what: str, label: str) -> None:
    """Show an address to save from: a link, as no other button sends from the disk."""
    href = f"/api/export/{exporting.ticket(runtime(), running.folder, what)}"
    looks = ' class="malote-go"' if what == "file" else ""
    words = html.escape(label)
    st.html(f'<a{looks} href="{href}" target="_self" download>{words}</a>')


def _put_away(t: Texts, key: str) -> None:
    st.button(t(key), key="export_again", on_click=_forget)


def _forget() -> None:
    """Cancel the export of this session, or remove what it has made."""
    running: Export | None = st.session_state.pop(RUNNING, None)
    if running is not None:
        exporting.cancel(running)
