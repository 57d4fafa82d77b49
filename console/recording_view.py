"""The connection log of a mailbox: recorded on demand, for ten minutes."""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from core import watch
from core.i18n import Texts

HEIGHT_PX = 420


def recording_view(t: Texts, one: int, *, ended: bool) -> None:
    """Show what was recorded, and the buttons; `ended`: it was disconnected."""
    found = watch.recording(runtime(), one)
    st.caption(t("recording.text"))
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.until is not None:
            _button(t, one, "stop", "stop_circle")
        elif not ended:
            _button(t, one, "record", "radio_button_checked")
        if found.count:
            st.download_button(
                t("recording.download"),
                lambda: watch.recording_as_text(runtime(), one),
                file_name=f"malote-connection-{one}.txt",
                mime="text/plain",
                key="recording_download",
                icon=":material/download:",
                on_click="ignore",
            )
            _button(t, one, "delete", "delete")
        if found.until is not None:
            until = t.second(found.until)
            st.badge(
                t("recording.on", until=until),
                icon=":material/radio_button_checked:",
                color="red",
            )
        if found.count:
            st.text(t("recording.lines", n=found.count))
    if found.newest:
        shown = "\n".join(watch.as_text(line) for line in found.newest)
        st.code(shown, language=None, height=HEIGHT_PX)
    elif found.until is not None:
        st.caption(t("recording.waiting"))


def _button(t: Texts, one: int, name: str, icon: str) -> None:
    st.button(
        t(f"recording.{name}"),
        key=f"recording_{name}",
        icon=f":material/{icon}:",
        on_click=ACTS[name],
        args=(runtime(), one, ACTOR),
    )


ACTS = {
    "record": watch.record,
    "stop": watch.stop_recording,
    "delete": watch.forget_recording,
}
