"""E-mail templates: texts that are written once, with what is filled in."""

import streamlit as st

from console import template_editor, template_list
from console.language import texts
from console.runtime import runtime
from console.widgets import nothing, page
from core import templates

t = texts()
with page(t, "templates"):
    st.markdown(t("templates.intro"))
    found = templates.listed(runtime())
    if not found:
        nothing(t, "templates.empty")
    if st.button(
        t("templates.new"),
        key="template_new",
        icon=":material/add:",
        type="secondary" if found else "primary",
    ):
        template_editor.open_new(t)
    template_list.rows(t, found)
