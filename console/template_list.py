"""The templates as rows, each with what can be done with it."""

from __future__ import annotations

import streamlit as st

from console import template_editor
from console.runtime import ACTOR, runtime
from console.widgets import escaped, guarded, tell
from core import templates
from core.i18n import Texts
from core.templates import Template

ICONS = {
    "edit": ":material/edit:",
    "duplicate": ":material/content_copy:",
    "delete": ":material/delete:",
}


def rows(t: Texts, found: list[Template]) -> None:
    """Show the templates by name."""
    used = templates.used_by(runtime())
    for one in found:
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            key=f"template_{one.id}",
        ):
            _row(t, one, used.get(one.id, 0))


def _row(t: Texts, one: Template, used: int) -> None:
    told = [t("templates.changed", at=t.moment(one.changed_at))]
    if used:
        told.append(t("templates.used_here", n=used))
    lines = f"{one.name}\n{one.subject}\n{' · '.join(told)}"
    st.text(lines, width="stretch")
    if one.bulk:
        st.badge(t("templates.bulk_badge"), icon=":material/campaign:", color="blue")
    if _button(t, "edit", one):
        template_editor.open_one(t, one)
    if _button(t, "duplicate", one):
        template_editor.open_copy(t, one)
    if _button(t, "delete", one):
        st.dialog(t("templates.delete_title"))(_delete)(t, one, used)


def _button(t: Texts, act: str, one: Template) -> bool:
    return st.button(
        t(f"templates.{act}"),
        key=f"template_{act}_{one.id}",
        icon=ICONS[act],
        help=t(f"templates.{act}_of", name=escaped(one.name)),
    )


def _delete(t: Texts, one: Template, used: int) -> None:
    """Delete a template, when that was said twice, and who names it was told."""
    with guarded(t, "templates"):
        st.text(f"{one.name}\n{one.subject}")
        if used:
            st.warning(t("templates.used", n=used), icon=":material/warning:")
        st.markdown(t("templates.delete_text"))
        with st.container(horizontal=True):
            gone = st.button(
                t("templates.delete_confirm"),
                type="primary",
                key="template_delete_yes",
                icon=":material/delete_forever:",
            )
            kept = st.button(t("page.cancel"), key="template_delete_no")
        if gone:
            templates.delete(runtime(), one.id, ACTOR)
            tell(t("templates.deleted", name=escaped(one.name)))
        if gone or kept:
            st.rerun()
