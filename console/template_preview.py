"""What a recipient will see of a template, with made-up values in the variables."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core.i18n import Texts
from core.letters import VARIABLES, html_of, plain_of, render
from core.templates import Template

DUE_ON = "activity.due_on"


def section(t: Texts, template: Template, *, broken: bool) -> None:
    """Show the subject, the HTML and the plain text, or nothing while all is empty.

    `broken`: something is wrong, and is told beside its field.
    """
    if broken or not template.body.strip():
        return
    _variables(t, template)
    st.markdown(f"**{t('templates.preview')}**")
    st.caption(t("templates.preview_text"))
    values = samples(t)
    subject = render(template.subject, values, markdown=False, field="template_subject")
    text = render(template.body, values, field="template_body")
    with st.container(border=True, key="template_preview"):
        st.text(f"{t('templates.preview_subject')}: {subject}")
        as_html, as_plain = st.tabs(
            [t("templates.preview_html"), t("templates.preview_plain")]
        )
        with as_html:
            st.html(html_of(text))
        with as_plain:
            st.text(plain_of(text))


def known(t: Texts) -> list[str]:
    """Give a line for each variable: how it is written, and what it is."""
    return [f"{{{{{name}}}}}  {t(f'templates.variable.{name}')}" for name in VARIABLES]


def samples(t: Texts) -> dict[str, dict[str, str]]:
    """Give made-up values for every variable, in the reader's language."""
    values: dict[str, dict[str, str]] = {}
    for variable in VARIABLES:
        group, _, name = variable.partition(".")
        made = t.day(runtime().clock()) if variable == DUE_ON else ""
        told = made or t(f"templates.sample.{variable}")
        values.setdefault(group, {})[name] = told
    return values


def _variables(t: Texts, template: Template) -> None:
    """Say that every variable is known; one that is not was told beside its field."""
    used = "{{" in template.subject + template.body
    key = "templates.check_good" if used else "templates.check_none"
    st.caption(f":material/check_circle: {t(key)}")
