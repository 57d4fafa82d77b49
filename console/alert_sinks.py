"""Sinks: where alerts are told, how each is, and dialogs that add and remove one."""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import escaped, guarded, refused, tell
from core import alerts
from core.alerts import Sink
from core.errors import BadInput
from core.i18n import LANGUAGES, Texts
from core.secret import Secret

SAID = "sink_said"  # what a test has shown: (it works, sentence)
NAME_MOST = 120


def failing(t: Texts) -> None:
    """Say of each sink that fails since when, and why."""
    for sink in alerts.failing_sinks(runtime()):
        at = t.moment(sink.failed_at) if sink.failed_at else ""
        facts = {"name": escaped(sink.name), "words": escaped(sink.failed_words)}
        st.error(
            t("alerts.sink_failing", at=at, **facts),
            icon=":material/notifications_off:",
        )


def section(t: Texts) -> None:
    """Show the sinks, each with its buttons, and the way to add one."""
    st.subheader(t("alerts.sinks"), anchor=False)
    st.markdown(t("alerts.sinks_intro"))
    _said()
    for sink in alerts.all_sinks(runtime()):
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            key=f"sink_{sink.id}",
        ):
            _row(t, sink)
    if st.button(t("alerts.sink_add"), key="sink_add", icon=":material/add:"):
        open_dialog(t)


def open_dialog(t: Texts) -> None:
    """Open the dialog that adds a sink."""
    st.dialog(t("alerts.sink_title"), width="medium", on_dismiss="rerun")(_add)(t)


def _said() -> None:
    """Show what a test has shown, once."""
    works, sentence = st.session_state.pop(SAID, (True, ""))
    if sentence and works:
        st.success(sentence, icon=":material/check_circle:")
    elif sentence:
        st.error(sentence, icon=":material/error:")


def _row(t: Texts, sink: Sink) -> None:
    language = t("alerts.sink_language", language=LANGUAGES[sink.language])
    lines = f"{sink.name}\n{sink.shown}\n{language} · {_state(t, sink)}"
    st.text(lines, width="stretch")
    if st.button(
        t("alerts.sink_test"), key=f"sink_test_{sink.id}", icon=":material/send:"
    ):
        with st.spinner(t("alerts.sink_test")):
            done = alerts.test_sink(runtime(), sink.id, ACTOR)
        facts = {"name": escaped(sink.name), "words": escaped(done.words)}
        key = "alerts.sink_works" if done.ok else "alerts.sink_broken"
        st.session_state[SAID] = (done.ok, t(key, **facts))
        st.rerun()
    if st.button(
        t("alerts.sink_remove"), key=f"sink_remove_{sink.id}", icon=":material/delete:"
    ):
        st.dialog(t("alerts.sink_remove_title"))(_remove)(t, sink)


def _state(t: Texts, sink: Sink) -> str:
    if sink.failed_at is not None:
        return t("alerts.sink_failed", at=t.moment(sink.failed_at))
    if sink.ok_at is not None:
        return t("alerts.sink_ok", at=t.moment(sink.ok_at))
    return t("alerts.sink_never")


def _add(t: Texts) -> None:
    with guarded(t, "alerts"):
        left, right = st.columns(2)
        name = left.text_input(
            t("field.sink_name"), key="sink_name", max_chars=NAME_MOST,
            autocomplete="off",
        )  # fmt: skip
        names = list(LANGUAGES)
        language = right.selectbox(
            t("field.sink_language"), names, index=names.index(t.language),
            format_func=LANGUAGES.__getitem__, key="sink_language", filter_mode=None,
        )  # fmt: skip
        url = st.text_input(
            t("field.sink_url"), key="sink_url", type="password", autocomplete="off",
            help=t("alerts.sink_help"),
        )  # fmt: skip
        st.markdown(t("alerts.sink_forms"))
        with st.container(horizontal=True):
            pressed = st.button(
                t("alerts.sink_store"), type="primary", key="sink_store"
            )
            left_it = st.button(t("page.cancel"), key="sink_cancel")
        if pressed:
            _store(t, name or "", language, Secret(url or ""))
        if left_it:
            st.rerun()


def _store(t: Texts, name: str, language: str, url: Secret) -> None:
    try:
        alerts.add_sink(runtime(), name, language, url, ACTOR)
    except BadInput as error:
        refused(t, error)
        return
    tell(t("alerts.sink_added"))
    st.rerun()


def _remove(t: Texts, sink: Sink) -> None:
    with guarded(t, "alerts"):
        st.text(f"{sink.name}\n{sink.shown}")
        st.markdown(t("alerts.sink_remove_text"))
        with st.container(horizontal=True):
            removed = st.button(
                t("alerts.sink_remove"), type="primary", key="sink_remove_yes"
            )
            kept = st.button(t("page.cancel"), key="sink_remove_no")
        if removed:
            alerts.remove_sink(runtime(), sink.id, ACTOR)
            tell(t("alerts.sink_removed"))
        if removed or kept:
            st.rerun()
