"""The page of one integration: what it says is wrong, and what a person can do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest

from core import watch
from core.runtime import Runtime
from core.store import folders, incidents, integrations, recorded
from core.store.engine import reading, writing
from core.store.recorded import Line
from core.store.schema import audit, folder, integration
from core.store.watch_tables import server_card
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, put, some

LANGUAGES = ("pt_BR", "en")
HOSTILE = "![x](http://tracker/p.png) <b>no</b> **bold**"


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store an integration that is well, with mail in two folders."""
    one = connected(runtime, "Ana")
    ids = listed(runtime, one, "Inbox", "Feitos")
    put(runtime, one, ids["Inbox"], some(3))
    return one


def acts(runtime: Runtime) -> list[tuple[str, str]]:
    with reading(runtime.engine) as conn:
        rows = conn.execute(select(audit.c.act, audit.c.actor).order_by(audit.c.id))
        return [(row.act, row.actor) for row in rows]


def row_of(runtime: Runtime, one: int) -> dict[str, object]:
    with reading(runtime.engine) as conn:
        found = conn.execute(select(integration).where(integration.c.id == one)).one()
        return dict(found._mapping)


def change(runtime: Runtime, one: int, **values: object) -> None:
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, **values)


def page(one: int, language: str = "pt_BR", view: str = "") -> AppTest:
    at = visit(
        "sync", language, integration=str(one), **({"view": view} if view else {})
    )
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("button", "act"),
    [
        ("sync_now", "sync_now"),
        ("sync_pause", "pause"),
        ("sync_check", "check_again"),
    ],
)
def test_a_button_asks_the_worker(
    runtime: Runtime, one: int, button: str, act: str
) -> None:
    page(one).button(key=button).click().run()
    assert acts(runtime) == [(act, "console")]
    row = row_of(runtime, one)
    assert row["paused"] == (act == "pause")
    assert (row["requested_at"] is not None) == (act != "pause")
    assert (row["probe_at"] is not None) == (act == "check_again")


def test_what_is_paused_is_resumed_and_not_asked_for(
    runtime: Runtime, one: int
) -> None:
    watch.pause(runtime, one, "test")
    at = page(one)
    assert at.button(key="sync_now").disabled
    assert at.button(key="sync_check").disabled
    at.button(key="sync_resume").click().run()
    assert acts(runtime)[-1] == ("resume", "console")
    assert not row_of(runtime, one)["paused"]


@pytest.mark.parametrize(
    "state", ["needs_password", "needs_permission", "needs_attention"]
)
def test_check_again_tries_what_waits_for_a_person(
    runtime: Runtime, one: int, state: str
) -> None:
    before = {"state": state, "failures": 3, "problem_code": "wrong_password"}
    change(runtime, one, **before, problem_facts={}, next_at=None)
    page(one).button(key="sync_check").click().run()
    row = row_of(runtime, one)
    assert (row["state"], row["failures"]) == ("retrying", 3)
    assert row["next_at"] is not None
    assert row["problem_code"] == "wrong_password"


def test_reconnect_leads_to_the_dialog_of_this_mailbox(
    runtime: Runtime,
) -> None:
    connected(runtime, "Ana")
    other = connected(runtime, "Bia", "bia@example.org")
    at = page(other).button(key="sync_reconnect").click().run()
    assert at.title[0].value == "Integrações"
    assert at.session_state["connect_again"] == other
    assert at.text_input(key="connect_address").value == "bia@example.org"
    assert "reconnect" not in at.query_params


@pytest.mark.usefixtures("one")
@pytest.mark.parametrize("asked", ["999", "x", "-1"])
def test_a_link_to_reconnect_nothing_opens_nothing(asked: str) -> None:
    at = visit("integrations", reconnect=asked)
    assert not at.exception
    assert "connect_again" not in at.session_state


def test_what_has_ended_is_not_reconnected(runtime: Runtime, one: int) -> None:
    change(runtime, one, disconnected_at=runtime.clock())
    at = visit("integrations", reconnect=str(one))
    assert "connect_again" not in at.session_state
    ended = page(one)
    assert not [b for b in ended.button if str(b.key).startswith("sync_")]


def test_disconnect_asks_first(runtime: Runtime, one: int) -> None:
    at = page(one).button(key="sync_disconnect").click().run()
    assert at.button(key="disconnect_yes").label == "Desconectar"
    assert not row_of(runtime, one)["disconnected_at"]


@pytest.mark.parametrize(
    ("language", "what", "do"),
    [
        ("en", "nearly full: 1 MB", "Delete or move messages"),
        ("pt_BR", "quase cheia: 1 MB", "Apague ou mova mensagens"),
    ],
)
def test_warnings_are_told_with_what_to_do_the_worst_first(
    runtime: Runtime, one: int, language: str, what: str, do: str
) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        facts = {"used_kib": "1000", "limit_kib": "1024"}
        incidents.observe(conn, one, "quota_nearly_full", now, **facts)
        incidents.observe(conn, one, "deaf", now)
        for code in ("clock_skewed", "renumbered"):
            incidents.observe(conn, one, code, now, folders=HOSTILE, ahead_s="60")
    at = page(one, language)
    told = [str(w.value).replace("\\", "") for w in at.warning]
    assert what in told[3] or what in told[2]
    assert do in words(at)
    assert len(told) == 4
    assert "IDLE" in told[0] or "idle" in told[0] or "avisar" in told[0]
    assert "![x]" not in "".join(str(w.value) for w in at.warning)


def test_the_errors_with_their_words_and_how_quickly_they_pass(
    runtime: Runtime, one: int
) -> None:
    assert "Nenhum problema até agora" in words(page(one, view="errors"))
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        for hours, lasted in ((40, 1), (20, 3)):
            began = now - timedelta(hours=hours)
            incidents.observe(conn, one, "unreachable", began, server_says=HOSTILE)
            incidents.end_errors(conn, one, began + timedelta(hours=lasted))
        incidents.observe(conn, one, "unreachable", now - timedelta(hours=9))
        incidents.observe(conn, one, "unreachable", now)
    for language, word, mean in (
        ("pt_BR", "servidor fora de alcance", "2 horas"),
        ("en", "server not reachable", "2 hours"),
    ):
        at = page(one, language, "errors")
        (shown,) = at.dataframe
        assert list(shown.value["what"]) == [word] * 3
        assert list(shown.value["words"]) == ["", HOSTILE, HOSTILE]
        assert list(shown.value["times"]) == [2, 1, 1]
        assert list(shown.value["ended_at"].isna()) == [True, False, False]
        assert f"{word}: {mean}" in words(at)


def test_the_server_before_and_after_its_first_probe(
    runtime: Runtime, one: int
) -> None:
    assert "ainda não foi examinado" in words(page(one, view="server"))
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        conn.execute(
            insert(server_card).values(
                integration_id=one,
                noted_at=now,
                software=f"Dovecot {HOSTILE}",
                capabilities=["IDLE", "IMAP4rev1", "X-FOO", "QUOTA=RES-STORAGE"],
                tls_version="TLSv1.3",
                cipher="TLS_AES_256_GCM_SHA384",
                issuer="CN=Old <b>",
                fingerprint="ab" * 32,
                expires_at=now + timedelta(days=20),
                issuer_before="CN=Older",
                issuer_changed_at=now - timedelta(days=2),
                clock_ahead_s=-90,
                quota_used=512,
                quota_limit=1024,
            )
        )
    for language, late in (
        ("pt_BR", "1 min 30 s atrasado em relação ao do Malote"),
        ("en", "1 min 30 s behind Malote's"),
    ):
        at = page(one, language, "server")
        said = words(at)
        assert late in said
        assert f"Dovecot {HOSTILE}" in [x.value for x in at.text]
        assert "TLSv1.3 · TLS_AES_256_GCM_SHA384" in said
        assert "CN=Older" in said
        (bar,) = at.get("progress")
        assert bar.proto.value == 50
        (shown,) = at.dataframe
        rows = shown.value.set_index("name")
        assert rows.loc["IDLE", "rfc"] == "2177"
        assert rows.loc["QUOTA=RES-STORAGE", "rfc"] == "9208"
        assert list(rows.loc["X-FOO"]) == ["", "", False]
        assert not [x for x in rows["use"] if x.startswith("capability.")]


def test_a_connection_is_recorded_shown_and_deleted(runtime: Runtime, one: int) -> None:
    at = page(one, view="recording")
    at.button(key="recording_record").click().run()
    until = row_of(runtime, one)["record_until"]
    assert until
    assert row_of(runtime, one)["requested_at"]
    with writing(runtime.engine) as conn:
        line = Line(one, runtime.clock(), "sync", "in", f"* OK {HOSTILE}")
        recorded.add(conn, [line])
    at = page(one, "en", "recording")
    assert at.code[0].value.endswith(f"sync  < * OK {HOSTILE}")
    assert watch.recording_as_text(runtime, one) == at.code[0].value + "\n"
    at.button(key="recording_stop").click().run()
    assert watch.recording(runtime, one).until is None
    at.button(key="recording_delete").click().run()
    assert not at.code
    told = ["record", "record_stop", "record_delete"]
    assert acts(runtime) == [(act, "console") for act in told]


def test_a_role_is_changed_by_hand(runtime: Runtime, one: int) -> None:
    at = page(one).button(key="roles").click().run()
    with reading(runtime.engine) as conn:
        feitos = next(f for f in folders.current(conn, one) if f.name == "Feitos")
    assert at.selectbox(key="role_folder").options == ["Feitos"]
    at.selectbox(key=f"role_of_{feitos.id}").select("sent")
    at.button(key="role_change").click().run()
    with reading(runtime.engine) as conn:
        (by_hand,) = conn.scalars(
            select(folder.c.role_by_hand).where(folder.c.role == "sent")
        )
    assert by_hand == "sent"
    (shown,) = page(one).dataframe
    assert list(shown.value["role"]) == ["Entrada", "Enviadas (escolhida)"]
    assert acts(runtime) == [("folder_role", "console")]


def test_the_owner_is_put_into_a_team(runtime: Runtime, one: int) -> None:
    at = page(one)
    assert at.text_input(key=f"team_{one}").value == ""
    at.text_input(key=f"team_{one}").set_value(" Vendas  Sul ").run()
    assert watch.one(runtime, one)["team"] == "Vendas Sul"
    assert page(one).text_input(key=f"team_{one}").value == "Vendas Sul"
    assert acts(runtime) == [("set_team", "console")]
