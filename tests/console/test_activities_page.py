"""The activity panel: what is asked is in the link, and what is done is stored."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.activities import (
    Draft,
    Question,
    create,
    draft_of,
    mark_done,
    panel,
    sender_for,
)
from core.outgoing import Recipient
from core.runtime import Runtime
from core.store import outbox
from core.store.activities import add
from core.store.engine import writing
from core.templates import Template, save
from tests.console.conftest import visit, words
from tests.store.building import connected


@pytest.fixture
def planned(runtime: Runtime) -> list[int]:
    """Plan one of each: late, today, upcoming, done; of two owners."""
    today = runtime.clock().date()
    for n, model in ((-3, "email"), (0, "call"), (5, "email"), (-9, "visit")):
        subject, address = f"Ato {model} {n}", f"c{abs(n)}@x.example"
        day, owner = today + timedelta(days=n), "Ana" if n else "Bia"
        create(runtime, Draft(model, subject, "João", address, "Açaí", owner, day), "t")
    rows = panel(runtime, Question(today, "all")).rows.sort_values("id")
    ids = [int(one) for one in rows["id"]]
    mark_done(runtime, ids[3], "test")
    return ids


def subjects(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["subject"]) if at.dataframe else []


@pytest.mark.usefixtures("planned")
def test_states_are_choices_with_their_counts_and_are_in_the_link() -> None:
    at = visit("activities")
    labels = [b.label for b in at.button]
    assert labels[2:6] == ["Abertas 3", "Atrasadas 1", "Vencem hoje 1", "Em dia 1"]
    assert labels[6:9] == ["Concluídas 1", "Respondidas 0", "Todas 4"]
    assert subjects(at) == ["Ato email -3", "Ato call 0", "Ato email 5"]
    assert list(at.dataframe[0].value["state"]) == ["! Atrasada", "● Hoje", "○ Em dia"]
    at.button(key="activity_group_done").click().run()
    assert at.query_params["state"] == "done"
    assert subjects(at) == ["Ato visit -9"]
    assert "1 atividade" in words(at)
    at.button(key="activity_group_open").click().run()
    assert "state" not in at.query_params


@pytest.mark.usefixtures("planned")
def test_filters_are_in_the_link_and_a_link_shows_the_same() -> None:
    at = visit("activities")
    at.text_input(key="activity_search").set_value("acai").run()
    assert at.query_params["q"] == "acai"
    at.selectbox(key="activity_model").select("call").run()
    assert subjects(at) == ["Ato call 0"]
    at.selectbox(key="activity_owner").select_index(2).run()  # everybody, Ana, Bia
    asked = dict(at.query_params)
    assert {"q", "model", "owner"} <= asked.keys()
    assert subjects(visit("activities", **asked)) == ["Ato call 0"]


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "x"}, {"model": "fax"}, {"owner": "999"}, {"owner": "x"},
        {"after": "x"}, {"before": "99999999.1"}, {"activity": "x"}, {"activity": "²"},
        {"activity": "9" * 30},
    ],
)  # fmt: skip
@pytest.mark.usefixtures("planned")
def test_a_link_that_makes_no_sense_breaks_nothing(asked: dict[str, str]) -> None:
    at = visit("activities", **asked)
    assert not at.exception
    assert not at.error


def test_pages_are_turned_by_key(runtime: Runtime) -> None:
    today = runtime.clock().date()
    drafts = [
        Draft("call", f"Ato {n:03}", "B", "", "", "Ana", today + timedelta(days=n))
        for n in range(250)
    ]
    with writing(runtime.engine) as conn:
        add(conn, drafts, runtime.clock())
    at = visit("activities")
    assert "250 atividades" in words(at)
    seen = subjects(at)
    for _ in range(2):
        at.button(key="activities_next").click().run()
        seen += subjects(at)
    assert seen == [one.subject for one in drafts]
    at.button(key="activities_previous").click().run()
    assert subjects(at) == seen[100:200]
    at.button(key="activities_first").click().run()
    assert subjects(at) == seen[:100]
    at.button(key="activity_group_upcoming").click().run()
    assert "after" not in at.query_params


def test_marking_reopening_and_closing(runtime: Runtime, planned: list[int]) -> None:
    at = visit("activities", activity=str(planned[1]))
    at.button(key="mark_done").click().run()
    assert "A atividade foi concluída." in [t.value for t in at.toast]
    assert not [b for b in at.button if b.key == "execute"]
    at.button(key="reopen").click().run()
    assert sender_for(runtime, planned[1])[0].done_at is None
    at.button(key="activity_close").click().run()
    assert "activity" not in at.query_params


def alone(what: str, activity_id: int, language: str) -> None:
    """Show the body of a dialog alone: a run of the whole page would close it."""
    import streamlit as st  # noqa: PLC0415 - AppTest runs the source of this

    from console import activity_dialogs as dialogs, activity_import  # noqa: PLC0415
    from console.runtime import runtime as opened  # noqa: PLC0415
    from core import activities  # noqa: PLC0415
    from core.i18n import Texts  # noqa: PLC0415

    t = Texts(language, "America/Sao_Paulo")
    if what == "import":
        activity_import._body(t)
        return
    if "filled" not in st.session_state:
        st.session_state["filled"] = True
        day = opened().clock().date()
        empty = activities.Draft("email", "", "", "", "", "", day)
        found = activity_id and activities.sender_for(opened(), activity_id)[0]
        dialogs._fill(activities.draft_of(found) if found else empty)
    getattr(dialogs, f"_{what}")(t, activity_id)


def dialog(what: str, activity_id: int = 0, language: str = "pt_BR") -> AppTest:
    return AppTest.from_function(alone, args=(what, activity_id, language)).run()


def test_an_activity_is_edited(runtime: Runtime, planned: list[int]) -> None:
    for name in ("Proposta", "Retorno"):
        save(runtime, Template(0, name, "S", "B", False, runtime.clock()), "test")
    at = visit("activities", activity=str(planned[0]))
    at.button(key="activity_edit").click().run()
    assert at.text_input(key="plan_contact").value == "João"
    at = dialog("change", planned[0])
    offered = at.selectbox(key="plan_template").options
    assert offered == ["Nenhum", "Proposta", "Retorno"]
    at.text_input(key="plan_contact").set_value("")
    at.button(key="plan_submit").click().run()
    assert "Contato: Este campo" in words(at)
    at.text_input(key="plan_contact").set_value("Íris")
    at.selectbox(key="plan_template").select("Retorno")
    at.button(key="plan_submit").click().run()
    draft = draft_of(sender_for(runtime, planned[0])[0])
    assert (draft.contact, draft.template, draft.company) == ("Íris", "Retorno", "Açaí")
    assert not at.exception


def test_one_that_would_be_another_is_told(
    runtime: Runtime, planned: list[int]
) -> None:
    at = dialog("change", planned[0])
    at.text_input(key="plan_subject").set_value("Ato email 5")
    at.text_input(key="plan_contact_address").set_value("c5@x.example")
    due_on = sender_for(runtime, planned[2])[0].due_on
    at.date_input(key="plan_due_on").set_value(due_on)
    at.button(key="plan_submit").click().run()
    assert "A mesma atividade já existe" in words(at)


def test_an_activity_is_created(runtime: Runtime) -> None:
    at = visit("activities", "en")
    at.button(key="activity_new").click().run()
    assert at.text_input(key="plan_subject").value == ""
    at = dialog("create", language="en")
    for name, value in {"subject": "A", "owner": "Ana", "contact": "B"}.items():
        at.text_input(key=f"plan_{name}").set_value(value)
    at.selectbox(key="plan_model").select("call")
    at.button(key="plan_submit").click().run()
    shown = panel(runtime, Question(runtime.clock().date(), "all"))
    assert list(shown.rows["subject"]) == ["A"]
    assert at.session_state["told"] == "The activity was created."


def test_one_is_deleted_once_that_was_confirmed(
    runtime: Runtime, planned: list[int]
) -> None:
    at = visit("activities", activity=str(planned[0]))
    at.button(key="activity_delete").click().run()
    at.button(key="activity_delete").click()
    at.button(key="delete_yes").click().run()
    assert not at.exception
    assert "activity" not in at.query_params
    assert panel(runtime, Question(runtime.clock().date(), "all")).count == 3


def test_one_with_mail_is_not_deleted(runtime: Runtime, planned: list[int]) -> None:
    now = runtime.clock()
    values = {
        "integration_id": connected(runtime), "activity_id": planned[0],
        "actor": "test", "message_id": "<1@x.example>", "sender": "",
        "sender_address": "a@x.example", "subject": "", "smtputf8": False,
        "bulk": False, "made_at": now, "not_before": now, "next_at": now,
    }  # fmt: skip
    with writing(runtime.engine) as conn:
        outbox.add(conn, values, b"x", [Recipient("b@x.example")])
    at = visit("activities", activity=str(planned[0]))
    at.button(key="activity_delete").click().run()
    assert "Já foi escrito um e-mail" in words(at)
    assert not [b for b in at.button if b.key == "delete_yes"]


@pytest.mark.usefixtures("planned")
def test_what_is_not_tracked_is_said_where_one_would_look(planned: list[int]) -> None:
    for language, said in (
        ("pt_BR", "Aberturas e cliques não são rastreados"),
        ("en", "Opens and clicks are not tracked"),
    ):
        assert said in words(visit("activities", language, activity=str(planned[0])))


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_an_import_shows_what_it_changes_before_it_does(
    runtime: Runtime, planned: list[int], language: str
) -> None:
    today = runtime.clock().date()
    row = {
        "model": "call", "subject": "Ato call 0", "contact": "João", "owner": "Bia",
        "email": "c0@x.example", "company": "Nova", "due": today.isoformat(),
    }  # fmt: skip
    rows = [row, {**row, "subject": "Novo"}, {**row, "model": "fax"}, row, 7]
    at = visit("activities", language)
    at.button(key="activity_import").click().run()
    assert at.get("file_uploader")
    at = dialog("import", language=language)
    content = json.dumps({"data": rows}).encode()
    at.file_uploader(key="activity_file").set_value(
        ("x.json", content, "application/json")
    )
    at.run()
    assert not at.exception
    counts = [tab.label[-3:] for tab in at.tabs]
    assert counts == ["(1)", "(1)", "(0)", "(3)"]
    changed = next(d.value for d in at.dataframe if "before" in d.value)
    assert list(changed.iloc[0])[-2:] == ["Açaí", "Nova"]
    assert draft_of(sender_for(runtime, planned[1])[0]).company == "Açaí"
    at.button(key="import_now").click().run()
    assert draft_of(sender_for(runtime, planned[1])[0]).company == "Nova"
    assert panel(runtime, Question(today, "all")).count == 5
    assert not at.exception


def test_a_row_that_is_chosen_is_in_the_link(planned: list[int]) -> None:
    at = visit("activities")
    assert not at.query_params.get("activity")
    at = visit("activities", activity=str(planned[2]))
    assert "Ato email 5" in words(at)
    assert "activity" in at.query_params


def test_once_connected_the_same_activity_is_open_and_waits_for_a_press(
    runtime: Runtime, planned: list[int]
) -> None:
    at = visit("activities", activity=str(planned[0]))
    at.button(key="execute").click().run()
    assert "ainda não tem integração" in words(at)
    connected(runtime, "Ana")
    at.run()
    assert at.title[0].value == "Painel de Atividades"
    assert "ainda não tem integração" not in words(at)
    at.button(key="execute").click().run()
    assert at.title[0].value == "Escrever e-mail"
