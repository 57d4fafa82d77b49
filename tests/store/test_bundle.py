"""A support bundle: what is in it, and what is not."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, update

from core import bundle
from core.errors import NotFound
from core.i18n import Texts
from core.model import Changes, Outcome, Problem, Trigger
from core.runtime import Runtime
from core.store import incidents, runs
from core.store.engine import writing
from core.store.schema import integration
from core.store.watch_tables import recorded, server_card
from tests.store.building import connected, listed, put, some

ADDRESS, OWNER = "joao.conceicao@acme-metais.example", "João Conceição"
HOST = "mail.acme-metais.example"
SAID = f'no mailbox for {ADDRESS} "Salary of May" at {HOST}, key Zx9dk2JfQpL0mN3a'
WORDS = (
    "joao", "joão", "concei", "acme", "salary", "zanzibar", "reunião", "ana@example",
    "zx9dk2", "pw-of-the-store", "client-secret", "imap.example.org",
)  # fmt: skip


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store a mailbox of which much is told, beside another."""
    connected(runtime, "Bia Reis", "bia@gmail.com")
    mailbox = connected(runtime, OWNER, ADDRESS)
    put(
        runtime,
        mailbox,
        listed(runtime, mailbox, "Inbox", "Zanzibar")["Inbox"],
        some(3),
    )
    now, facts = runtime.clock(), {"said": SAID, "folder": "Zanzibar", "host": HOST}
    with writing(runtime.engine) as conn:
        mine = update(integration).where(integration.c.id == mailbox)
        values = {"problem_code": "wrong_password", "problem_facts": facts}
        conn.execute(mine.values(imap_host=HOST, **values))
        incidents.observe(conn, mailbox, "wrong_password", now, **facts)
        run = runs.begin(conn, mailbox, Trigger.SCHEDULE, now)
        runs.progress(conn, run, done=1, total=2, current="Zanzibar", folders=1)
        problem = Problem("wrong_password", facts)
        later = now + timedelta(seconds=3)
        runs.finish(conn, run, Outcome.FAILED, Changes(added=1), problem, later)
        conn.execute(
            insert(server_card).values(
                integration_id=mailbox,
                noted_at=now,
                software=f"Dovecot on {HOST}",
                capabilities=["IMAP4rev1", "IDLE", "X-ACME-METAIS.EXAMPLE"],
                tls_version="TLSv1.3",
                cipher="AES",
                issuer="O=Acme Metais, CN=acme-metais.example",
                fingerprint="ab" * 32,
            )
        )
        line = f'* LIST () "/" Zanzibar for {ADDRESS}'
        conn.execute(
            insert(recorded).values(
                integration_id=mailbox, at=now, who="sync", way="in", line=line
            )
        )
    return mailbox


def unpacked(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert made.testzip() is None
        return {name: made.read(name).decode() for name in made.namelist()}


def test_nothing_of_people_is_in_it(runtime: Runtime, one: int) -> None:
    settings = runtime.settings.model_copy(
        update={
            "google_client_secret": SecretStr("client-secret"),
            "database_url": "postgresql://acme:pw-of-the-store@acme/acme",
            "allow_hosts": frozenset({HOST}),
            "public_url": f"https://{HOST}",
        }
    )
    for only in (None, one):
        whole = unpacked(bundle.make(replace(runtime, settings=settings), only))
        text = "\n".join(whole.values()).lower()
        assert not [word for word in WORDS if word in text]


def test_what_helps_is_in_it(runtime: Runtime, one: int) -> None:
    whole = unpacked(bundle.make(runtime, one))
    told = {k: json.loads(v) for k, v in whole.items() if k.endswith(".json")}
    assert set(told) == set(bundle.MEMBERS)
    assert told["versions.json"]["python"].startswith("3.")
    assert told["versions.json"]["libraries"]["sqlalchemy"]
    assert told["settings.json"]["MALOTE_PARALLEL"] == 4
    assert told["settings.json"]["MALOTE_GOOGLE_CLIENT_SECRET"] == "not set"
    [mailbox] = told["integrations.json"]
    assert (mailbox["id"], mailbox["problem_code"]) == (one, "wrong_password")
    assert told["incidents.json"][0]["times"] == 1
    assert told["runs.json"][0]["outcome"] == "failed"
    assert told["runs.json"][0]["started_at"] < told["runs.json"][0]["finished_at"]
    assert [f["held"] for f in told["folders.json"] if f["role"] == "inbox"] == [3]
    assert "IDLE" in told["servers.json"][0]["capabilities"]
    assert told["tables.json"]["message"] == 3
    assert told["queries.json"]["due"] >= 0
    assert "LIST" in whole["connections.txt"]


def test_hosts_of_providers_are_named(runtime: Runtime, one: int) -> None:
    with writing(runtime.engine) as conn:
        conn.execute(update(integration).values(imap_host="imap.gmail.com"))
    assert "imap.gmail.com" in unpacked(bundle.make(runtime, one))["integrations.json"]


def test_equal_things_have_equal_hashes(runtime: Runtime, one: int) -> None:
    whole = unpacked(bundle.make(runtime))
    mailboxes = json.loads(whole["integrations.json"])
    assert len({m["address"] for m in mailboxes}) == len(mailboxes) == 2
    mine = next(m for m in mailboxes if m["id"] == one)
    assert mine["address"] in whole["incidents.json"]
    assert mine["address"] in unpacked(bundle.make(runtime))["runs.json"]


def test_its_readme_is_in_the_reader_s_language(runtime: Runtime) -> None:
    for language, word in (("pt_BR", "nunca"), ("en", "never")):
        readme = unpacked(bundle.make(runtime, None, Texts(language)))["README.txt"]
        assert word in readme
        assert all(name in readme for name in bundle.MEMBERS)
        assert "bundle." not in readme


def test_it_is_made_although_the_store_fails(runtime: Runtime, one: int) -> None:
    with writing(runtime.engine) as conn:
        conn.exec_driver_sql("DROP TABLE recorded")
        conn.exec_driver_sql("DROP TABLE server_card")
    whole = unpacked(bundle.make(runtime, one))
    assert "unavailable" in whole["servers.json"]
    assert json.loads(whole["runs.json"])


def test_a_bundle_about_nobody_is_refused(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        bundle.make(runtime, 77)
