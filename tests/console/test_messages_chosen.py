"""The messages page: what is ticked, opened, kept as a view, read as a conversation."""

from __future__ import annotations

import pytest

from core import views
from core.runtime import Runtime
from tests.console.conftest import visit, words
from tests.console.message_boxes import (
    ALL,
    HOSTILE,
    Boxes,
    chips,
    opened,
    select,
    shown,
)


def test_rows_that_are_ticked_are_counted(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    assert "Marque linhas para agir" in words(at)
    at = select(at, 1, 2, 3)
    assert "3 mensagens selecionadas" in words(at)
    assert "Malote guarda o que descreve" not in words(at)


def test_a_link_opens_its_message_and_ticks_its_row(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    at = visit("messages", integration=str(boxes.ana), message=opened(at, 1))
    assert "1 mensagem selecionada" in words(at)
    assert "Malote guarda o que descreve" in words(at)
    at.text_input(key="search").set_value("ata").run()
    assert "selecionada" not in words(at)
    assert "message" not in at.query_params


def test_a_selection_does_not_stick_to_other_rows(boxes: Boxes) -> None:
    at = select(visit("messages", integration=str(boxes.ana)), 0, 1)
    at.text_input(key="search").set_value("ata").run()
    assert "selecionada" not in words(at)


def test_several_mailboxes_cannot_be_acted_on_at_once(boxes: Boxes) -> None:
    at = select(visit("messages", integration="all"), 4, 5)
    assert "2 mensagens de mais de uma caixa" in words(at)
    at = visit("messages", integration="all", message=opened(at, 5))
    assert "1 mensagem selecionada" in words(at)
    assert "Malote guarda o que descreve" in words(at)
    del boxes


def test_columns_are_chosen_in_an_order(boxes: Boxes, runtime: Runtime) -> None:
    at = visit("messages", integration=str(boxes.ana))
    at.multiselect(key="message_columns").set_value(["size", "date", "kind"]).run()
    assert at.query_params["cols"] == "size,date,kind"
    assert list(at.dataframe[0].proto.column_order) == ["size", "date", "kind"]
    at.button(key="columns_keep").click().run()
    again = visit("messages", integration=str(boxes.bia))
    assert again.query_params["cols"] == "size,date,kind"  # the link says it to others
    again = visit("messages", integration=str(boxes.bia), since="x")
    assert "ficaram de fora: since" in words(again)  # told, own columns or not
    again.button(key="columns_usual").click().run()
    assert "cols" not in again.query_params
    assert views.own_way(runtime, "console") == ""
    again.multiselect(key="message_columns").set_value([]).run()
    assert "from" in again.dataframe[0].proto.column_order


def test_hostile_subjects_and_names_are_cells_of_text(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    at = visit("messages", integration=str(boxes.ana), message=opened(at, 3))
    assert HOSTILE in at.dataframe[0].value["subject"].iloc[3]
    texts = [str(one.value) for one in at.text]
    assert HOSTILE in texts
    for kind in (at.markdown, at.caption, at.title, at.subheader, at.warning, at.info):
        assert not [one for one in kind if "tracker.example" in str(one.value)]


@pytest.mark.parametrize("part", ["q", "sender", "subject"])
def test_a_hostile_filter_is_escaped_where_it_is_told(boxes: Boxes, part: str) -> None:
    at = visit("messages", integration=str(boxes.ana), **{part: HOSTILE})
    chip = at.button(key=f"chip_{part}")
    assert "\\!\\[x\\]\\(" in chip.label
    assert not at.exception
    told = visit("messages", integration=str(boxes.ana), q="é:![x](http://t.example)")
    assert "\\!\\[x\\]\\(" in told.warning[0].value


def test_a_conversation_is_told_from_its_beginning(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    at = visit("messages", integration=str(boxes.ana), message=opened(at, 4))
    at.button(key="conversation_open").click().run()
    assert at.subheader[0].value == "Conversa com 3 mensagens"
    assert shown(at) == [3, 7, 9]
    frame = at.dataframe[0].value
    assert list(frame["answers"]) == ["", "nº 1", "nº 2"]
    assert [len(who) - len(who.lstrip("\u2003")) for who in frame["from"]] == [0, 0, 2]
    assert [who.lstrip("\u2003")[:1] for who in frame["from"]] == ["A", "↳", "↳"]
    assert list(frame["direction"]) == ["← Recebida", "← Recebida", "→ Enviada"]
    thread = at.query_params["thread"]
    again = visit("messages", thread=thread)  # the mailbox is that of the conversation
    assert shown(again) == [3, 7, 9]
    again.button(key="thread_flat").click().run()
    assert shown(again) == [9, 7, 3]
    assert chips(again) == ["Uma conversa"]
    again.button(key="chip_thread").click().run()
    assert shown(again) == ALL
    at.button(key="thread_back").click().run()
    assert shown(at) == ALL


def test_a_conversation_of_nobody_is_told(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana), thread="99999")
    assert "não tem mensagens" in words(at)
    at.button(key="thread_back").click().run()
    assert shown(at) == ALL


def test_a_view_is_saved_replaced_deleted_and_brought_back(
    boxes: Boxes, runtime: Runtime
) -> None:
    at = visit("messages", integration=str(boxes.ana), q="ata é:lida", before="9" * 18)
    at.button(key="view_save").click().run()
    assert "Este campo é obrigatório." in words(at)
    at.text_input(key="view_name").set_value("**Atas**").run()
    at.button(key="view_save").click().run()
    saved = views.saved(runtime, "console")
    assert [one.name for one in saved] == ["**Atas**"]
    assert saved[0].asked == f"integration={boxes.ana}&q=ata+%C3%A9%3Alida"
    assert at.text_input(key="view_name").value == ""
    at.text_input(key="search").set_value("fatura").run()
    at.text_input(key="view_name").set_value("**Atas**").run()
    at.button(key="view_save").click().run()
    assert "Já existe uma visão" in words(at)
    at.button(key="view_replace").click().run()
    assert views.saved(runtime, "console")[0].asked.endswith("q=fatura")
    at.button(key=f"view_delete_{saved[0].id}").click().run()
    assert views.saved(runtime, "console") == []
    assert "“**Atas**” foi apagada." in words(at)
    at.button(key="view_undo").click().run()
    assert [one.name for one in views.saved(runtime, "console")] == ["**Atas**"]
    at.button(key="chips_clear").click().run()
    again = views.saved(runtime, "console")[0]
    link = at.button(key=f"view_{again.id}")
    assert link.label == "\\*\\*Atas\\*\\*"
    link.click().run()
    assert at.query_params["q"] == "fatura"
    assert shown(at) == [2]
