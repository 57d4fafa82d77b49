"""Try both servers of a form for real, step by step; nothing is stored.

Both sides are always tried, whatever becomes of the other: who fills in the form is
told at once all that is wrong. Only a password that was just refused is not sent to
the same provider a second time, because providers lock accounts for that (T20).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from ssl import SSLSocket
from typing import TypeVar

from core import hiding, network, smtp
from core.connect import certificates
from core.connect.certificates import Certificate
from core.connect.form import Form
from core.connect.steps import Heard, OnStep, Walk
from core.errors import (
    AppPasswordNeeded,
    MailError,
    NeedsPermission,
    NotTrusted,
    TooManyAttempts,
    WrongPassword,
)
from core.imap import greeting, listing, opening, profiles
from core.imap.foreign import translated
from core.imap.session import Session
from core.imap.wire import Client
from core.model import Security, Server
from core.network import Policy

T = TypeVar("T")
LogIn = Callable[[str], AbstractContextManager[None]]  # around a login at a host
CAPABILITIES_MOST, WORD_MAX = 100, 80
REFUSALS = (WrongPassword, AppPasswordNeeded, NeedsPermission, TooManyAttempts)
SERVICE = re.compile(r"(?:imap|smtp|mail|e-?mail|pop|submission|secure|ssl)[\w-]*\.")


class Verdict(StrEnum):
    """What came of one side."""

    OK = "ok"
    FAILED = "failed"
    NOT_TRIED = "not_tried"  # it answers well; nobody logged in


@dataclass(frozen=True, slots=True)
class Card:
    """What a server showed of itself, harmless as text; empty where it did not."""

    server: Server
    addresses: tuple[str, ...] = ()
    tls: str = ""
    cipher: str = ""
    certificate: Certificate | None = None
    capabilities: tuple[str, ...] = ()
    name: str = ""  # and version, by ID (RFC 2971)
    profile: str = ""


@dataclass(slots=True)
class Trial:
    """One side on its way: its steps, its card, how it ended."""

    walk: Walk
    policy: Policy
    card: Card
    verdict: Verdict = Verdict.NOT_TRIED
    error: MailError | None = None

    def know(self, **known: object) -> None:
        """Put something on the card."""
        self.card = replace(self.card, **known)  # type: ignore[arg-type]  # by name

    def saw_tls(self, sock: socket.socket, heard: Heard) -> None:
        """Read what TLS says of itself, and the certificate that was accepted."""
        if not isinstance(sock, SSLSocket):
            return
        cipher = sock.cipher()
        self.know(
            tls=sock.version() or "",
            cipher=cipher[0] if cipher else "",
            certificate=certificates.parsed(sock.getpeercert(binary_form=True)),
        )
        heard.facts |= {"version": self.card.tls, "cipher": self.card.cipher}


def both(
    form: Form,
    policy: Policy,
    on_step: OnStep,
    log_in: LogIn = lambda _: nullcontext(),
) -> tuple[Trial, Trial]:
    """Try IMAP, then SMTP; a failure of a server is told, not raised.

    Without a password nobody logs in. `log_in` is entered around each login.
    """
    imap = _tried("imap", form.imap, form, policy, on_step)
    _attempt(imap, lambda: _imap(imap, form, log_in if form.password else None))
    outgoing = _tried("smtp", form.smtp, form, policy, on_step)
    again = form.password and not is_senseless(imap.error, form)
    _attempt(outgoing, lambda: _smtp(outgoing, form, log_in if again else None))
    return imap, outgoing


def is_senseless(error: MailError | None, form: Form) -> bool:
    """Tell whether a password that IMAP refused would only be refused once more."""
    if not isinstance(error, REFUSALS):
        return False
    return _account_host(form.imap.host) == _account_host(form.smtp.host)


def _account_host(host: str) -> str:
    """Give what imap.example.com and smtp.example.com have in common."""
    return SERVICE.sub("", host, count=1) if SERVICE.match(host) else host


def _tried(
    side: str, server: Server, form: Form, policy: Policy, on_step: OnStep
) -> Trial:
    walk = Walk(side, on_step, hiding.of_login(form.login, form.password, server))
    return Trial(walk, policy, Card(server))


def _attempt(trial: Trial, talk: Callable[[], bool]) -> None:
    try:
        trial.verdict = Verdict.OK if talk() else Verdict.NOT_TRIED
    except NotTrusted as error:
        trial.error, trial.verdict = error, Verdict.FAILED
        card = trial.card
        trial.know(
            certificate=certificates.shown_by(
                card.server, trial.walk.side, list(card.addresses), trial.policy
            )
        )
    except MailError as error:
        trial.error, trial.verdict = error, Verdict.FAILED


def _imap(trial: Trial, form: Form, log_in: LogIn | None) -> bool:
    """Walk through IMAP; tell whether somebody logged in."""
    walk, server = trial.walk, trial.card.server
    client = _reached(
        trial,
        hear=greeting.hear,
        note=lambda client, heard: _note_client(trial, client, heard),
        start_tls=greeting.start_tls,
        sock=lambda client: client.connection.sock,
    )
    try:
        if log_in is None:
            walk.skip("login")
            return False
        with walk.step("login") as heard, log_in(server.host):
            opened = opening.log_in(client, server, form.login, form.password)
            _note_session(trial, opened, heard)
        with walk.step("list") as heard:
            heard.facts["folders"] = str(len(listing.folders(opened)))
        return True
    finally:
        opening.close(client)


def _smtp(trial: Trial, form: Form, log_in: LogIn | None) -> bool:
    """Walk through SMTP; tell whether somebody logged in."""
    walk, server, policy = trial.walk, trial.card.server, trial.policy
    talk = _reached(
        trial,
        hear=smtp.hear,
        note=lambda talk, heard: _note_talk(trial, talk, heard),
        start_tls=lambda talk, _, policy: smtp.start_tls(talk, policy),
        sock=lambda talk: talk.sock,
    )
    try:
        if log_in is None:
            walk.skip("login")
            return False
        with walk.step("login") as heard, log_in(server.host):
            smtp.log_in(talk, form.login, form.password, policy)
            heard.says = talk.said
        return True
    finally:
        smtp.close(talk)


def _reached(
    trial: Trial,
    hear: Callable[[Server, socket.socket, Policy], T],
    note: Callable[[T, Heard], None],
    start_tls: Callable[[T, Server, Policy], None],
    sock: Callable[[T], socket.socket],
) -> T:
    """Go through DNS, TCP, TLS and greeting, in the order of the conversation."""
    walk, server, policy = trial.walk, trial.card.server, trial.policy
    with walk.step("dns") as heard:
        addresses = network.resolve(server, policy)
        trial.know(addresses=tuple(addresses))
        heard.facts["addresses"] = ", ".join(addresses)
    with walk.step("tcp") as heard:
        opened = network.reach(server, addresses, policy)
        heard.facts["address"] = str(opened.getpeername()[0])
    if server.security is Security.TLS:
        with walk.step("tls") as heard:
            opened = network.secure(opened, server, policy)
            trial.saw_tls(opened, heard)
    with walk.step("greeting") as heard:
        talk = hear(server, opened, policy)
        if server.security is not Security.STARTTLS:
            note(talk, heard)
    if server.security is Security.STARTTLS:
        # What was said before TLS may be anybody's: it is not shown (fault 17).
        with walk.step("tls") as heard:
            start_tls(talk, server, policy)
            trial.saw_tls(sock(talk), heard)
            note(talk, heard)
    return talk


def _note_client(trial: Trial, client: Client, heard: Heard) -> None:
    """Note what an IMAP server says before a login."""
    server = trial.card.server
    with translated(server):
        told = tuple(client.capabilities())
    heard.says = greeting.words(client, server)
    trial.know(
        capabilities=_words(trial.walk, (w.decode("latin-1") for w in told)),
        profile=profiles.choose(server.host, heard.says, "", told).name,
    )


def _note_talk(trial: Trial, talk: smtp.Conversation, heard: Heard) -> None:
    """Note what an SMTP server says before a login."""
    if trial.card.server.security is not Security.STARTTLS:
        heard.says = f"{smtp.READY} {talk.greeting}"
    trial.know(capabilities=_words(trial.walk, smtp.keywords(talk)))


def _note_session(trial: Trial, session: Session, heard: Heard) -> None:
    """Note what the server says after a login: often more than before."""
    told = session.client.capabilities()
    heard.says = session.welcome
    trial.know(
        capabilities=_words(trial.walk, (w.decode("latin-1") for w in told)),
        name=trial.walk.shown(session.identified_as),
        profile=session.profile.name,
    )
    heard.facts |= {"name": trial.card.name, "profile": trial.card.profile}


def _words(walk: Walk, words: Iterable[str]) -> tuple[str, ...]:
    found = (walk.shown(word)[:WORD_MAX] for word in words)
    return tuple(islice(found, CAPABILITIES_MOST))
