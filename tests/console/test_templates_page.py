"""The page of templates: the list, the dialog, what is wrong, what will be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core import activities, templates
from core.activities import Draft
from core.i18n import Texts
from core.runtime import Runtime
from core.store.engine import writing
from core.store.schema import activity
from core.templates import Template
from tests.console.conftest import visit, words

LANGUAGES = pytest.mark.parametrize("language", ["pt_BR", "en"])


def stored(runtime: Runtime, name: str = "Proposal *1*", **changes: object) -> int:
    new = Template(
        0, name, "For {{contact.name}}", "Hi **{{contact.first_name}}**", bulk=False,
        changed_at=runtime.clock(),
    )  # fmt: skip
    return templates.save(runtime, replace(new, **changes), "ana")  # type: ignore[arg-type]


def editing(one: Template, language: str = "en") -> AppTest:
    """Show the dialog's body alone: a run of the whole page would close it."""
    return AppTest.from_function(_form, args=(one, language), default_timeout=20).run()


def _form(one, language):  # AppTest takes the text of it: no names from outside
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body alone

    from console import template_editor  # noqa: PLC0415
    from core.i18n import Texts  # noqa: PLC0415

    if "filled" not in st.session_state:
        st.session_state["filled"] = True
        template_editor.fill(one)
    template_editor.form(Texts(language), one)


def blank(runtime: Runtime) -> Template:
    return Template(0, "", "", "", bulk=False, changed_at=runtime.clock())


def typed(at: AppTest, **values: str) -> AppTest:
    for name, value in values.items():
        if name == "body":
            at.text_area(key="template_edit_body").set_value(value)
        else:
            at.text_input(key=f"template_edit_{name}").set_value(value)
    return at.run()


def html(at: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in at.get("html"))


@pytest.mark.usefixtures("runtime")
@LANGUAGES
def test_without_templates_the_page_says_what_they_are_for(language: str) -> None:
    at = visit("templates", language)
    said = words(at)
    for text in {
        "pt_BR": ["Modelos de e-mail", "Ainda não há modelos", "contact.first_name}}"],
        "en": ["E-mail templates", "No templates yet", "contact.first_name}}"],
    }[language]:
        assert text in said
    at.button(key="template_new").click().run()
    assert not at.exception
    assert at.text_input(key="template_edit_name").value == ""
    assert not at.error


@LANGUAGES
def test_templates_are_listed_with_what_uses_them(
    runtime: Runtime, language: str
) -> None:
    one = stored(runtime)
    stored(runtime, "News", bulk=True)
    draft = Draft(
        "email", "A", "Ana", "ana@x.org", "", "Rui", runtime.clock().date()
    )  # fmt: skip
    activities.create(runtime, draft, "test")
    with writing(runtime.engine) as conn:
        conn.execute(update(activity).values(template="PROPOSAL *1*"))
    at = visit("templates", language)
    said = words(at)
    assert "Proposal *1*\nFor {{contact.name}}" in said
    used = {"pt_BR": "usado por 1 atividade", "en": "used by 1 open activity"}
    assert said.count(used[language]) == 1
    assert said.index("News") < said.index("Proposal")
    bulk = {"pt_BR": "Em massa", "en": "Bulk"}[language]
    assert bulk in said
    at.button(key=f"template_delete_{one}").click().run()
    assert not at.exception
    warned = {"pt_BR": "1 atividade aberta usa", "en": "1 open activity uses"}[language]
    assert warned in at.warning[0].value


def test_a_template_is_deleted_when_that_was_said_twice(runtime: Runtime) -> None:
    one = stored(runtime)
    at = visit("templates")
    at.button(key=f"template_delete_{one}").click().run()
    assert len(templates.listed(runtime)) == 1
    at.button(key=f"template_delete_{one}").click()
    at.button(key="template_delete_yes").click().run()
    assert templates.listed(runtime) == []
    assert "Ainda não há modelos" in words(at)


@LANGUAGES
def test_a_template_is_written_and_saved(runtime: Runtime, language: str) -> None:
    at = typed(
        editing(blank(runtime), language),
        name="Visit",
        subject="Visit to {{contact.company}}",
        body="Hi **{{contact.first_name}}**,\n\n<script>x</script>\n\n{{owner.name}}",
    )
    assert not at.exception
    company = {"pt_BR": "Exemplo & Filhos", "en": "Example & Sons"}[language]
    assert f"Visit to {company}" in words(at)
    assert "<strong>Ana</strong>" in html(at)
    assert "<script" not in html(at)
    assert "Hi **Ana**," in words(at)  # as plain text
    at.checkbox(key="template_edit_bulk").check()
    at.button(key="template_save").click().run()
    assert not at.exception
    (one,) = templates.listed(runtime)
    assert (one.name, one.bulk) == ("Visit", True)


@LANGUAGES
def test_variables_are_checked_while_it_is_written(
    runtime: Runtime, language: str
) -> None:
    at = typed(editing(blank(runtime), language), body="{{contact.nmae}} {{x}}")
    said = words(at)
    assert "contact.nmae, x" in said
    assert "contact.first_name" in said  # one of those that there are
    assert "Visit" not in said
    assert Texts(language)("problem.empty") not in said  # nobody has tried to save
    assert html(at) == ""
    at = typed(at, body="a\n{% for x in y %}")
    assert {"pt_BR": "Linha 2", "en": "Line 2"}[language] in words(at)
    at = typed(at, body="no variables")
    none = {"pt_BR": "Nenhuma variável é usada", "en": "No variables are used"}
    assert none[language] in words(at)


def test_who_tries_to_save_is_told_everything(runtime: Runtime) -> None:
    at = editing(blank(runtime))
    at.button(key="template_save").click().run()
    assert not at.exception
    assert words(at).count("This field is needed") == 3
    assert templates.listed(runtime) == []


def test_a_name_that_is_taken_is_told_and_what_was_typed_stays(
    runtime: Runtime,
) -> None:
    stored(runtime, "Visit")
    at = typed(editing(blank(runtime)), name="visit", subject="S", body="Text")
    at.button(key="template_save").click().run()
    assert "There is a template of this name already" in words(at)
    assert at.text_area(key="template_edit_body").value == "Text"
    at = typed(at, name="Another")
    at.button(key="template_save").click().run()
    assert [one.name for one in templates.listed(runtime)] == ["Another", "Visit"]


def test_a_template_that_was_deleted_meanwhile_is_told(runtime: Runtime) -> None:
    one = templates.get(runtime, stored(runtime))
    at = editing(one)
    templates.delete(runtime, one.id, "bia")
    at.button(key="template_save").click().run()
    assert not at.exception
    assert len(at.error) == 1


def test_a_template_is_changed_and_a_copy_is_another_one(runtime: Runtime) -> None:
    one = templates.get(runtime, stored(runtime, "Visit", bulk=True))
    at = visit("templates", "en")
    at.button(key=f"template_edit_{one.id}").click().run()
    assert at.text_input(key="template_edit_name").value == "Visit"
    assert at.checkbox(key="template_edit_bulk").value is True
    at = typed(editing(one), subject="New")
    at.button(key="template_save").click().run()
    assert templates.get(runtime, one.id).subject == "New"
    at = visit("templates", "en")
    at.button(key=f"template_duplicate_{one.id}").click().run()
    assert at.text_input(key="template_edit_name").value == "Visit (copy)"
    assert at.text_input(key="template_edit_subject").value == "New"
    assert len(templates.listed(runtime)) == 1
