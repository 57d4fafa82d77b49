"""Use case: connect a mailbox, and disconnect it.

Every step is tried for real, IMAP and SMTP, before anything is stored; who looks on
sees each step as it happens.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Connection

from core import network, smtp
from core.errors import (
    AlreadyIntegrated,
    BadInput,
    MailError,
    NotAcknowledged,
    NotFound,
    NoTls,
)
from core.imap import greeting, listing, opening
from core.model import (
    Acknowledgement,
    Integration,
    Method,
    Security,
    Server,
    State,
)
from core.network import Policy
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials as keeping, integrations, runs
from core.store.engine import reading, writing
from core.sync.syncer import PASSWORD

LIMITATIONS_VERSION = "2026-11"  # of the texts `limitations.*`
IMAP_PORTS = {993: Security.TLS, 143: Security.STARTTLS}
SMTP_PORTS = {465: Security.TLS, 587: Security.STARTTLS}
PASSWORD_MAX = 1_000
LOCAL_MAX, ADDRESS_MAX = 64, 254  # RFC 5321 §4.5.3.1
NAME_MAX = 200
T = TypeVar("T")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Progress(StrEnum):
    """How a step is doing."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of connecting. `seconds` is how long it took so far.

    `side` is imap or smtp; `name` is dns, tcp, tls, login or list.
    """

    side: str
    name: str
    progress: Progress
    seconds: float = 0.0
    error: MailError | None = None


OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Form:
    """What a person fills in. `login` is empty where it is the address."""

    owner: str
    address: str
    password: Secret = field(repr=False)
    imap: Server
    smtp: Server
    login: str = ""
    acknowledged: bool = False
    method: Method = Method.IMAP


def problems(form: Form, policy: Policy) -> list[BadInput]:
    """Find everything that cannot be used, field by field; empty when all can."""
    found: list[BadInput] = []
    for look in (_owner, _address, _login, _password, _imap, _smtp):
        try:
            look(form, policy)
        except BadInput as problem:
            found.append(problem)
    return found


def cleaned(form: Form, policy: Policy) -> Form:
    """Give the form as it is used: trimmed, hosts as on the wire.

    Raises:
        BadInput: the first field that cannot be used.

    """
    address = _address(form, policy)
    return replace(
        form,
        owner=_owner(form, policy),
        address=address,
        login=_login(form, policy) or address,
        password=_password(form, policy),
        imap=_imap(form, policy),
        smtp=_smtp(form, policy),
    )


def connect(
    runtime: Runtime, form: Form, actor: str, on_step: OnStep = lambda _: None
) -> int:
    """Connect a mailbox by IMAP; give the integration's id.

    Nothing is stored unless every step passed.

    Raises:
        NotAcknowledged, BadInput, AlreadyIntegrated: before anything is sent.
        MailError: the step that failed, as `on_step` was told.

    """
    if not form.acknowledged:
        raise NotAcknowledged
    policy = runtime.policy()
    form = cleaned(form, policy)
    with reading(runtime.engine) as conn:
        if integrations.live_of(conn, form.owner):
            raise AlreadyIntegrated(owner=form.owner)
    for _ in try_out(form, policy, on_step):
        pass
    return store(runtime, form, actor, {PASSWORD: form.password})


def try_out(form: Form, policy: Policy, on_step: OnStep) -> Iterator[str]:
    """Try each step for real, IMAP first; yields the name of each side that passed."""
    _try_imap(form, policy, on_step)
    yield "imap"
    _try_smtp(form, policy, on_step)
    yield "smtp"


def disconnect(runtime: Runtime, integration_id: int, actor: str) -> None:
    """End an integration: its credentials are deleted, its history stays.

    Raises:
        NotFound: there is no live integration with this id.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        if not integrations.disconnect(conn, integration_id, now):
            raise NotFound(what="integration", id=integration_id)
        runs.tell(conn, integration_id, "disconnected", now)
        runs.record(conn, "disconnect", actor, now, integration_id)


def store(
    runtime: Runtime, form: Form, actor: str, credentials: Mapping[str, Secret]
) -> int:
    """Store a new integration and its credentials; give its id.

    Raises:
        AlreadyIntegrated: the owner has a live one.

    """
    now = runtime.clock()
    ack = Acknowledgement(LIMITATIONS_VERSION, actor, now)
    demo = runtime.demo()
    is_demo = demo is not None and form.imap.port == demo.imap_port
    new = Integration(
        0, form.owner, form.address, form.login, form.method, form.imap, form.smtp,
        demo=is_demo and form.imap.host == "localhost",
    )  # fmt: skip
    with writing(runtime.engine) as conn:
        made = integrations.create(conn, new, ack, now)
        _seal(runtime, conn, made, credentials)
        runs.tell(conn, made, "connected", now)
        runs.record(conn, "connect", actor, now, made, limitations=LIMITATIONS_VERSION)
    return made


def store_again(
    runtime: Runtime,
    integration_id: int,
    form: Form,
    actor: str,
    credentials: Mapping[str, Secret],
) -> None:
    """Give an integration other credentials and servers; its history stays.

    Raises:
        NotFound: there is no live integration with this id.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        integrations.change(
            conn,
            integration_id,
            login=form.login,
            method=str(form.method),
            state=str(State.OK),
            problem_code=None,
            failures=0,
            credentials_at=now,
            next_at=now,
        )
        keeping.delete_credentials(conn, integration_id)
        _seal(runtime, conn, integration_id, credentials)
        runs.tell(conn, integration_id, "reconnected", now)
        runs.record(conn, "reconnect", actor, now, integration_id)


def _seal(
    runtime: Runtime, conn: Connection, one: int, credentials: Mapping[str, Secret]
) -> None:
    for name, secret in credentials.items():
        sealed = runtime.vault.seal(secret, one, name)
        keeping.put_credential(conn, one, name, runtime.vault.key_id, sealed)


@contextmanager
def _step(on_step: OnStep, side: str, name: str) -> Iterator[None]:
    began = time.monotonic()
    on_step(Step(side, name, Progress.RUNNING))
    try:
        yield
    except MailError as error:
        error.facts.setdefault("side", side.upper())
        took = time.monotonic() - began
        on_step(Step(side, name, Progress.FAILED, took, error))
        raise
    on_step(Step(side, name, Progress.OK, time.monotonic() - began))


def _try_imap(form: Form, policy: Policy, on_step: OnStep) -> None:
    server = form.imap
    client = _reached(server, policy, on_step, "imap", greeting.greet)
    try:
        with _step(on_step, "imap", "login"):
            opened = opening.log_in(client, server, form.login, form.password)
        with _step(on_step, "imap", "list"):
            listing.folders(opened)
    finally:
        opening.close(client)


def _try_smtp(form: Form, policy: Policy, on_step: OnStep) -> None:
    conversation = _reached(form.smtp, policy, on_step, "smtp", smtp.greet)
    try:
        with _step(on_step, "smtp", "login"):
            smtp.log_in(conversation, form.login, form.password, policy)
    finally:
        smtp.close(conversation)


def _reached(
    server: Server,
    policy: Policy,
    on_step: OnStep,
    side: str,
    greet: Callable[[Server, socket.socket, Policy], T],
) -> T:
    """Go through DNS, TCP and TLS; give the conversation that was begun."""
    with _step(on_step, side, "dns"):
        addresses = network.resolve(server, policy)
    with _step(on_step, side, "tcp"):
        sock = network.reach(server, addresses, policy)
    with _step(on_step, side, "tls"):
        if server.security is Security.TLS:
            sock = network.secure(sock, server, policy)
        return greet(server, sock, policy)


def _owner(form: Form, _policy: Policy) -> str:
    name = " ".join(form.owner.split())
    if not name:
        raise BadInput("owner", "empty")
    if len(name) > NAME_MAX or CONTROL.search(name):
        raise BadInput("owner", "too_long")
    return name


def _address(form: Form, _policy: Policy) -> str:
    address = form.address.strip().removesuffix(".")
    if not address:
        raise BadInput("address", "empty")
    local, at, domain = address.rpartition("@")
    odd = re.search(r"[\s<>,;:\x00-\x1f\x7f\"]", address) or "@" in local
    if not at or not local or len(local) > LOCAL_MAX or odd:
        raise BadInput("address", "address_form")
    clean = f"{local}@{network.clean_host(domain, 'address')}"
    if len(clean) > ADDRESS_MAX or "." not in domain.strip("."):
        raise BadInput("address", "address_form")
    return clean


def _login(form: Form, _policy: Policy) -> str:
    login = form.login.strip()
    if CONTROL.search(login):
        raise BadInput("login", "control")
    if len(login) > ADDRESS_MAX:
        raise BadInput("login", "too_long")
    return login


def _password(form: Form, _policy: Policy) -> Secret:
    text = form.password.reveal()
    if form.method is not Method.IMAP:
        return form.password
    if not text:
        raise BadInput("password", "empty")
    if CONTROL.search(text):
        raise BadInput("password", "control")
    if len(text) > PASSWORD_MAX:
        raise BadInput("password", "too_long")
    return form.password


def _imap(form: Form, policy: Policy) -> Server:
    return _server(form.imap, policy, "imap", IMAP_PORTS)


def _smtp(form: Form, policy: Policy) -> Server:
    return _server(form.smtp, policy, "smtp", SMTP_PORTS)


def _server(
    server: Server, policy: Policy, side: str, ports: dict[int, Security]
) -> Server:
    host = network.clean_host(server.host, f"{side}_host")
    allowed = policy.may_be_private(host, server.port)
    if server.port not in ports and not (allowed and 0 < server.port < 1 << 16):
        listed = ", ".join(str(port) for port in ports)
        raise BadInput(f"{side}_port", "port", ports=listed)
    clean = Server(host, server.port, server.security)
    try:
        network.check_plain(clean, policy)
    except NoTls:
        raise BadInput(f"{side}_security", "plain") from None
    return clean
