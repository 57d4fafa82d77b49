"""Dialogs of the activity panel: create one, import a file of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import day_format, escaped, guarded, tell
from core import activities
from core.activities import Draft, Model, Preview
from core.errors import BadInput
from core.i18n import Texts
from core.words import field_label, problem

SHOWN_PROBLEMS = 20
TYPED = ("subject", "owner", "contact", "contact_address", "company")


def create(t: Texts) -> None:
    """Open the dialog that plans one activity."""
    st.dialog(t("activities.new"), width="medium", on_dismiss="rerun")(
        _guarded(_create)
    )(t)


def import_csv(t: Texts) -> None:
    """Open the dialog that imports a file."""
    st.dialog(t("activities.import"), width="medium", on_dismiss="rerun")(
        _guarded(_import)
    )(t)


def _guarded(body: Callable[[Texts], None]) -> Callable[[Texts], None]:
    def safe(t: Texts) -> None:
        with guarded(t, "activities"):
            body(t)

    return safe


def _create(t: Texts) -> None:
    with st.form("activity_form", border=False):
        model = st.selectbox(
            t("field.model"),
            list(Model),
            format_func=lambda m: t(f"model.{m}"),
            filter_mode=None,
            key="new_model",
        )
        columns = cycle(st.columns(2))
        typed = {
            name: next(columns).text_input(t(f"field.{name}"), key=f"new_{name}") or ""
            for name in TYPED
        }
        due = next(columns).date_input(
            t("field.due_on"),
            format=day_format(t),
            key="new_due_on",
        )
        pressed = st.form_submit_button(
            t("activities.create"), type="primary", key="new_submit"
        )
    if pressed:
        _store(t, Draft(model=str(model), due_on=due, **typed))


def _store(t: Texts, draft: Draft) -> None:
    wrong = activities.problems(draft)
    if wrong:
        lines = "\n".join(f"- {_told(t, one)}" for one in wrong)
        st.error(lines, icon=":material/error:")
    else:
        made = activities.create(runtime(), draft, ACTOR)
        tell(t("activities.created" if made else "activities.exists"))
        st.rerun()


def _import(t: Texts) -> None:
    st.markdown(t("activities.import_text"))
    st.download_button(
        t("activities.sample"),
        t("activities.sample_lines").encode("utf-8-sig"),
        file_name=t("activities.sample_name"),
        mime="text/csv",
        key="sample",
        icon=":material/download:",
        on_click="ignore",
    )
    file = st.file_uploader(t("field.file"), type="csv", key="activity_file")
    if file is None:
        return
    try:
        preview = activities.read_csv(file.getvalue())
    except BadInput as error:
        st.error(_told(t, error), icon=":material/error:")
        return
    _show_preview(t, preview)


def _show_preview(t: Texts, preview: Preview) -> None:
    st.markdown(t("activities.good", n=len(preview.drafts)))
    if preview.problems:
        st.warning(
            t("activities.bad", n=len(preview.problems)), icon=":material/warning:"
        )
        for row in preview.problems[:SHOWN_PROBLEMS]:
            st.text(
                t("activities.line", line=str(row.line), text=_plain(t, row.problem))
            )
    if preview.drafts and st.button(
        t("activities.import_now"), type="primary", key="import_now"
    ):
        made = activities.import_all(runtime(), preview.drafts, ACTOR)
        tell(t("activities.imported", n=made))
        st.rerun()


def _plain(t: Texts, error: BadInput) -> str:
    return f"{field_label(t, error)}: {problem(t, error)}"


def _told(t: Texts, error: BadInput) -> str:
    return escaped(_plain(t, error))
