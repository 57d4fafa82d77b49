"""Store what was tried: a new integration, or other credentials for a live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from core.connect.form import Form
from core.errors import AnotherMailbox, BadInput, NotFound
from core.model import Acknowledgement, Integration
from core.providers import catalogue
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials as keeping, folders, integrations, runs
from core.store.engine import writing
from core.text import fold

LIMITATIONS_VERSION = "2026-11"  # of the texts `limitations.*`


def store(
    runtime: Runtime, form: Form, actor: str, credentials: Mapping[str, Secret]
) -> int:
    """Store a new integration with its credentials, by field; give its id.

    Raises:
        AlreadyIntegrated: the owner has a live one.

    """
    now = runtime.clock()
    ack = Acknowledgement(LIMITATIONS_VERSION, actor, now)
    with writing(runtime.engine) as conn:
        made = integrations.create(conn, _integration(runtime, form), ack, now)
        _seal(runtime, conn, made, credentials)
        runs.tell(conn, made, "connected", now)
        facts = {"limitations": LIMITATIONS_VERSION, "privacy": str(form.privacy)}
        runs.record(conn, "connect", actor, now, made, **facts)
    return made


def store_again(
    runtime: Runtime,
    integration_id: int,
    form: Form,
    actor: str,
    credentials: Mapping[str, Secret],
) -> None:
    """Give a live integration other servers and credentials; its history stays.

    All in one transaction. A run that began with what was before finds its lease gone
    and writes nothing more; the next one is due at once.

    Raises:
        NotFound: there is no live integration with this id.
        BadInput, AnotherMailbox: the form is of another owner, or another address.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        before = live_one(conn, integration_id)
        check_same(before, form)
        after = replace(
            _integration(runtime, form),
            id=before.id,
            owner=before.owner,
            address=before.address,
        )
        if not integrations.reconnect(conn, after, now):
            raise NotFound(what="integration", id=integration_id)
        keeping.delete_credentials(conn, integration_id)
        _seal(runtime, conn, integration_id, credentials)
        if after.imap.host != before.imap.host:
            folders.distrust(conn, integration_id)
        runs.tell(conn, integration_id, "reconnected", now)
        servers = {"imap": after.imap.host, "smtp": after.smtp.host}
        runs.record(conn, "reconnect", actor, now, integration_id, **servers)


def live_one(conn: Connection, integration_id: int) -> Integration:
    """Give a live integration.

    Raises:
        NotFound: there is none with this id, or it has ended.

    """
    found = integrations.get(conn, integration_id)
    if integrations.standing(conn, integration_id).disconnected_at is not None:
        raise NotFound(what="integration", id=integration_id)
    return found


def check_same(before: Integration, form: Form) -> None:
    """See that a form is of the mailbox that an integration follows.

    Raises:
        BadInput: the owner is another.
        AnotherMailbox: the address is another.

    """
    if fold(before.owner) != fold(form.owner):
        raise BadInput("owner", "owner_stays", owner=before.owner)
    if before.address.casefold() != form.address.casefold():
        raise AnotherMailbox(address=before.address, other=form.address)


def _integration(runtime: Runtime, form: Form) -> Integration:
    demo = runtime.demo()
    is_demo = demo is not None and form.imap.port == demo.imap_port
    return Integration(
        0, form.owner, form.address, form.login, form.method, form.imap, form.smtp,
        demo=is_demo and form.imap.host == "localhost",
        provider=_provider(form), privacy=form.privacy,
    )  # fmt: skip


def _provider(form: Form) -> str:
    """Find the provider in the catalogue: by the server, and by the address else."""
    known = catalogue()
    domain = form.address.rpartition("@")[2].lower()
    found = known.of_host(form.imap.host) or known.of_domain(domain)
    return found.id if found else ""


def _seal(
    runtime: Runtime,
    conn: Connection,
    integration_id: int,
    credentials: Mapping[str, Secret],
) -> None:
    vault = runtime.vault
    for name, value in credentials.items():
        sealed = vault.seal(value, integration_id, name)
        keeping.put_credential(conn, integration_id, name, vault.key_id, sealed)
