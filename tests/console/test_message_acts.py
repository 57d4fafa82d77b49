"""Acts on messages on the page: buttons, what became of it, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core import mail_acts
from core.acting import Act, MailAct
from core.errors import ActRefused
from core.model import Flags
from core.runtime import Runtime
from core.store import integrations, mail_acts as kept, placements
from core.store.engine import reading, writing
from core.store.schema import folder
from core.sync.acts import close
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, put, some

HOSTILE = "![x](http://tracker/p.png) **bold**"


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store a mailbox; message 3 is unread."""
    one = connected(runtime, "Ana")
    ids = listed(runtime, one, "Inbox", "Trash", "Archive", HOSTILE)
    put(runtime, one, ids["Inbox"], some(4))
    return one


def page(one: int, language: str = "pt_BR", message: int = 3) -> AppTest:
    at = visit("messages", language, integration=str(one), message=str(message))
    assert not at.exception
    return at


def inbox(runtime: Runtime) -> dict[int, int]:
    with reading(runtime.engine) as conn:
        found = conn.scalars(select(folder.c.id).where(folder.c.name == "Inbox")).one()
        return placements.known_flags(conn, int(found), 1)


def only_act(runtime: Runtime, one: int) -> MailAct:
    with reading(runtime.engine) as conn:
        (act,) = kept.open_of(conn, one)
    return act


def end(runtime: Runtime, act: MailAct, error: ActRefused | None) -> None:
    places = tuple(replace(p, done=error is None, ours=True) for p in act.places)
    with writing(runtime.engine) as conn:
        close(conn, replace(act, places=places), error, runtime.clock)


@pytest.mark.parametrize(
    ("button", "says"),
    [
        ("act_read", "Marcando 1 mensagem como lida…"),
        ("act_flag", "Sinalizando 1 mensagem…"),
        ("act_archive", "Arquivando 1 mensagem…"),
        ("act_delete", "Movendo 1 mensagem para a lixeira…"),
    ],
)
def test_a_button_is_shown_at_once(
    runtime: Runtime, one: int, button: str, says: str
) -> None:
    at = page(one)
    at.button(key=button).click().run()
    assert not at.exception
    act = only_act(runtime, one)
    assert f"act_{act.act}" == button
    assert act.actor == "console"
    assert inbox(runtime)[3] == act.act.shown(0)
    assert says in words(at)
    assert ("message" in at.query_params) is not act.act.moves


def test_a_message_is_moved_to_a_folder_that_is_chosen(
    runtime: Runtime, one: int
) -> None:
    at = page(one)
    box = at.selectbox(key=f"act_target_{one}")
    assert HOSTILE in box.options
    box.set_value(
        next(t.id for t in mail_acts.targets(runtime, one) if t.title == HOSTILE)
    )
    at.run()
    at.button(key="act_move").click().run()
    assert inbox(runtime)[3] == Flags.DELETED
    assert f"Movendo 1 mensagem para {HOSTILE}…" in [text.value for text in at.text]
    assert not any("tracker" in m.value for m in at.markdown)


def test_what_was_done_is_told_and_taken_back(runtime: Runtime, one: int) -> None:
    page(one).button(key="act_read").click().run()
    end(runtime, only_act(runtime, one), None)
    at = page(one, "en")
    assert "1 message marked as read." in words(at)
    (undo,) = [b for b in at.button if b.label == "Undo"]
    undo.click().run()
    assert not at.exception
    assert only_act(runtime, one).act is Act.UNREAD
    assert inbox(runtime)[3] == 0


def test_what_the_server_refused_is_told(runtime: Runtime, one: int) -> None:
    page(one).button(key="act_delete").click().run()
    refusal = ActRefused("no", folder="Inbox", server_says="NO over my dead body")
    end(runtime, only_act(runtime, one), refusal)
    at = page(one)
    said = words(at)
    assert "Não foi possível mover 1 mensagem para a lixeira." in said
    assert "recusou a ação na pasta “Inbox”" in said
    assert "NO over my dead body" in [text.value for text in at.text]
    assert inbox(runtime)[3] == 0


def test_what_cannot_be_asked_for_is_told_in_words(runtime: Runtime, one: int) -> None:
    at = page(one)
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, paused=True)
    at.button(key="act_read").click().run()
    assert "Esta integração está pausada ou desconectada." in words(at)
    assert mail_acts.acts_of(runtime, one) == []


def test_nothing_is_drawn_where_there_is_nothing_to_tell(
    runtime: Runtime, one: int
) -> None:
    at = visit("messages", integration=str(one))
    assert not [b for b in at.button if str(b.key).startswith("act_")]
    page(one).button(key="act_unread").click().run()
    at = page(one, message=1)
    at.button(key="act_read").click().run()  # it was read before
    assert mail_acts.acts_of(runtime, one) == []
