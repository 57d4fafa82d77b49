"""The dialog in which a template is written, with what is wrong beside each field."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from console import fields, template_preview
from console.runtime import ACTOR, runtime
from console.widgets import escaped, explanation, guarded, tell
from core import templates
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.templates import Template
from core.words import explain, problem

PREFIX = "template_edit_"
TYPED = ("name", "subject", "body")
EXAMPLES = {
    "default": "{{ contact.first_name | default: '…' }}",
    "if": "{% if contact.company %} … {% endif %}",
}


def open_new(t: Texts) -> None:
    """Open the dialog for a template that is not there yet."""
    _open(t, Template(0, "", "", "", bulk=False, changed_at=runtime().clock()))


def open_one(t: Texts, one: Template) -> None:
    """Open the dialog for a template."""
    _open(t, one)


def open_copy(t: Texts, one: Template) -> None:
    """Open the dialog for a new template that begins as another."""
    name = t("templates.copy_name", name=one.name)[: templates.NAME_MOST]
    _open(t, replace(one, id=0, name=name))


def _open(t: Texts, one: Template) -> None:
    fill(one)
    title = t("templates.dialog_edit" if one.id else "templates.dialog_new")
    st.dialog(title, width="large", on_dismiss="rerun")(form)(t, one)


def fill(one: Template) -> None:
    """Give the fields what a template says now."""
    for name in (*TYPED, "bulk"):
        st.session_state[PREFIX + name] = getattr(one, name)
    st.session_state.pop(PREFIX + "tried", None)


def form(t: Texts, one: Template) -> None:
    """Show the fields of a template, and what comes out of it."""
    with guarded(t, "templates"):
        refused = st.session_state.pop(PREFIX + "refused", None)
        wrong = _wrong(_read(one), refused)
        if isinstance(refused, MailError) and not isinstance(refused, BadInput):
            explanation(t, explain(t, refused))
        told = {error.field: problem(t, error) for error in wrong}
        _line(t, "name", templates.NAME_MOST, told)
        _line(t, "subject", templates.SUBJECT_MOST, told)
        _body(t, told)
        _variables(t)
        st.checkbox(t("templates.bulk"), key=PREFIX + "bulk")
        st.caption(t("templates.bulk_text"))
        with st.container(horizontal=True):
            st.button(
                t("templates.save"), type="primary", key="template_save",
                on_click=_save, args=(t, one),
            )  # fmt: skip
            left = st.button(t("page.cancel"), key="template_cancel")
        # Below the buttons: what comes and goes does not move them under the hand.
        template_preview.section(t, _read(one), broken=bool(told))
        if left or st.session_state.pop(PREFIX + "saved", False):
            st.rerun()


def _line(t: Texts, name: str, most: int, told: dict[str, str]) -> None:
    # A box of its own: where a problem comes and goes, the focus stays where it is.
    with st.container(gap="xsmall"):
        st.text_input(
            t(f"field.template_{name}"), key=PREFIX + name, max_chars=most,
            autocomplete="off",
        )  # fmt: skip
        fields.problem(told, f"template_{name}")


def _body(t: Texts, told: dict[str, str]) -> None:
    with st.container(gap="xsmall"):
        st.text_area(
            t("field.template_body"), key=PREFIX + "body", height=220,
            max_chars=templates.BODY_MOST,
        )  # fmt: skip
        fields.problem(told, "template_body")


def _variables(t: Texts) -> None:
    """Name the variables there are, ways to live without a value, and Markdown."""
    with st.expander(t("templates.variables"), icon=":material/data_object:"):
        st.markdown(t("templates.variables_text"))
        st.text("\n".join(template_preview.known(t)))
        for name, example in EXAMPLES.items():
            st.text(t(f"templates.variables_{name}", example=example))
        st.text(t("templates.markdown_text"))


def _read(one: Template) -> Template:
    typed = {name: str(st.session_state.get(PREFIX + name) or "") for name in TYPED}
    bulk = bool(st.session_state.get(PREFIX + "bulk"))
    return replace(one, **typed, bulk=bulk)  # type: ignore[arg-type]  # texts, by name


def _wrong(typed: Template, refused: object) -> list[BadInput]:
    """Give what is wrong; of what is empty only who has tried to save is told."""
    tried = bool(st.session_state.get(PREFIX + "tried"))
    found = [p for p in templates.problems(typed) if tried or p.problem != "empty"]
    return [*found, refused] if isinstance(refused, BadInput) else found


def _save(t: Texts, one: Template) -> None:
    """Store what was typed; the dialog then closes, or tells why not."""
    st.session_state[PREFIX + "tried"] = True
    typed = _read(one)
    try:
        templates.save(runtime(), typed, ACTOR)
    except MailError as error:  # told by the dialog, which is drawn after this
        st.session_state[PREFIX + "refused"] = error
        return
    st.session_state[PREFIX + "saved"] = True
    tell(t("templates.saved", name=escaped(typed.name)))
