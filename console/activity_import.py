"""The dialog that imports a file of activities, once a person has seen what changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from console.activity_dialogs import told
from console.runtime import ACTOR, runtime
from console.widgets import NONE, ROW_PX, escaped, guarded, table_height, tell
from core import activities
from core.activities import Plan, Row
from core.errors import BadInput
from core.i18n import Texts

SHOWN, ROWS_TALL = 1_000, 8
PLANNED = "activity_plan"  # of which file, and what it would do
SUBJECT = ("subject", "contact", "owner")


def import_file(t: Texts) -> None:
    """Open the dialog."""
    st.session_state.pop(PLANNED, None)

    def safe() -> None:
        with guarded(t, "activities"):
            _body(t)

    st.dialog(t("activities.import"), width="large", on_dismiss="rerun")(safe)()


def _body(t: Texts) -> None:
    st.markdown(t("activities.import_text"))
    st.caption(t("activities.import_same"))
    st.download_button(
        t("activities.sample"),
        t("activities.sample_lines").encode("utf-8-sig"),
        file_name=t("activities.sample_name"),
        mime="text/csv",
        key="sample",
        icon=":material/download:",
        on_click="ignore",
    )
    file = st.file_uploader(t("field.file"), type=["csv", "json"], key="activity_file")
    if file is None:
        return
    try:
        _preview(t, _planned(file))
    except BadInput as error:
        st.error(escaped(told(t, error)), icon=":material/error:")


def _planned(file: Any) -> Plan:
    """Read a file once: what a person confirms is what they have seen."""
    kept = st.session_state.get(PLANNED)
    if kept is None or kept[0] != file.file_id:
        read = activities.read_file(file.name, file.getvalue())
        kept = (file.file_id, activities.plan(runtime(), read))
        st.session_state[PLANNED] = kept
    plan: Plan = kept[1]
    return plan


def _preview(t: Texts, plan: Plan) -> None:
    if plan.ignored:
        st.caption(escaped(t("activities.ignored", names=", ".join(plan.ignored))))
    counts = {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "same": len(plan.same),
        "refused": plan.wrong,
    }
    drawn = {"new": _new, "changed": _changed, "same": _same, "refused": _refused}
    tabs = st.tabs([t(f"activities.tab.{name}", n=n) for name, n in counts.items()])
    for tab, name in zip(tabs, counts, strict=True):
        with tab:
            drawn[name](t, plan)
    if not plan.new and not plan.changed:
        st.info(t("activities.nothing_changes"), icon=":material/info:")
    elif st.button(t("activities.import_now"), type="primary", key="import_now"):
        done = activities.import_all(runtime(), plan, ACTOR)
        st.session_state.pop(PLANNED, None)
        said = [t("activities.imported", n=done.new)] if done.new else []
        if done.changed:
            said.append(t("activities.imported_changed", n=done.changed))
        tell(" ".join(said))
        st.rerun()


def _new(t: Texts, plan: Plan) -> None:
    _rows(t, plan, "new", plan.new)


def _same(t: Texts, plan: Plan) -> None:
    _rows(t, plan, "same", plan.same)


def _changed(t: Texts, plan: Plan) -> None:
    said = [
        {
            "line": one.row.line,
            "subject": one.row.draft.subject,
            "field": t(f"field.{name}"),
            "before": before or NONE,
            "after": after or NONE,
        }
        for one in plan.changed[:SHOWN]
        for name, before, after in one.fields
    ]
    words = {name: t(f"activities.{name}") for name in ("field", "before", "after")}
    _table(t, plan, "changed", said, {"subject": t("field.subject"), **words})
    _only_first(t, len(plan.changed))


def _refused(t: Texts, plan: Plan) -> None:
    said = [
        {"line": one.line, "what_is_wrong": told(t, one.problem)}
        for one in plan.refused[:SHOWN]
    ]
    words = {"what_is_wrong": t("activities.what_is_wrong")}
    _table(t, plan, "refused", said, words)
    _only_first(t, len(plan.refused))


def _rows(t: Texts, plan: Plan, name: str, rows: tuple[Row, ...]) -> None:
    said = [
        {
            "line": row.line,
            "model": t(f"model.{row.draft.model}"),
            **{name: getattr(row.draft, name) for name in SUBJECT},
            "due_on": t.day(row.draft.due_on) if row.draft.due_on else "",
        }
        for row in rows[:SHOWN]
    ]
    words = {one: t(f"field.{one}") for one in ("model", *SUBJECT, "due_on")}
    _table(t, plan, name, said, words)
    _only_first(t, len(rows))


def _table(
    t: Texts,
    plan: Plan,
    name: str,
    said: list[dict[str, Any]],
    words: Mapping[str, str],
) -> None:
    found = pd.DataFrame(said)
    if found.empty:
        st.caption(NONE)
        return
    line = t("activities.number" if plan.numbered else "activities.line")
    st.dataframe(
        found,
        hide_index=True,
        height=table_height(len(found), ROWS_TALL),
        row_height=ROW_PX,
        column_config={
            "line": st.column_config.NumberColumn(line, width=70),
            **words,
        },
        key=f"import_{name}",
        alt=t(f"activities.tab.{name}", n=len(found)),
    )


def _only_first(t: Texts, count: int) -> None:
    if count > SHOWN:
        st.caption(t("activities.only_first", n=SHOWN))
