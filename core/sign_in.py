"""Use case: sign in at Google or Microsoft, and connect the mailbox by that.

Four steps, of which the browser walks the middle ones: `begin` gives a ticket to the
page, `depart` leads the browser to the provider, `arrive` takes what the provider gave
to the browser, `finish` tries the mailbox and stores it.

The store holds only hashes of what browsers hold. The state works once, within ten
minutes, and only in the browser that departed (RFC 6749 §10.12). On arrival the ticket
gives way to a new key, which only that browser gets: a ticket that somebody else was
made to follow is worth nothing to who began it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import connect
from core.connect import Form, OnStep
from core.errors import (
    AlreadyIntegrated,
    AnotherMailbox,
    MailError,
    NotAcknowledged,
    NotFound,
    SignInExpired,
)
from core.keyed import Keyed
from core.model import Method, Problem
from core.oauth import tokens as oauth
from core.oauth.grants import Grant, application_of, grant_of
from core.oauth.tokens import Authority, Departure, Tokens
from core.runtime import Runtime
from core.secret import AccessToken, Secret
from core.store import integrations, sign_ins
from core.store.engine import reading, writing
from core.store.sign_ins import SignIn, Stage
from core.sync.access import as_credentials
from core.text import fold

CONSENT = timedelta(minutes=10)  # to come back from the provider
KEPT = timedelta(minutes=45)  # to finish; access tokens live for about an hour
MOST = 600  # characters of what a browser brings; codes have some hundred
CODE_MOST = 8_000
ANYBODY = "somebody@example.org"  # where no address was typed, to check the rest
_finishing = Keyed()


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun; the ticket goes into the link to the provider."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Status:
    """How far a sign-in is; `address` as the provider told it, else as it was typed."""

    stage: Stage
    method: Method
    owner: str
    address: str
    problem: Problem | None
    made_id: int | None


def begin(
    runtime: Runtime,
    method: Method,
    owner: str,
    actor: str,
    *,
    address: str = "",
    integration_id: int | None = None,
    acknowledged: bool,
) -> Begun:
    """Begin a sign-in, or one for an integration that needs permission again.

    Raises:
        NotAcknowledged, SignInNotSetUp, BadInput, AlreadyIntegrated, NotFound: before
            anything is stored.

    """
    if not acknowledged:
        raise NotAcknowledged
    grant = grant_of(runtime.settings, method)
    application_of(runtime.settings, method)
    if integration_id is not None:
        owner, address = _of_integration(runtime, integration_id)
    blank = AccessToken("-")
    form = connect.cleaned(
        _form(grant, owner, address or ANYBODY, blank), runtime.policy()
    )
    typed = form.address if address else ""
    if integration_id is None:
        _check_free(runtime, form.owner)
    return _stored(runtime, method, form.owner, typed, actor, integration_id)


def depart(runtime: Runtime, ticket: str, browser: str) -> str:
    """Bind a sign-in to a browser (its cookie); give the provider's page.

    Raises:
        SignInExpired: too old, used, or begun in another browser.

    """
    hashed = _hashed(ticket)
    with writing(runtime.engine) as conn:
        found = sign_ins.get(conn, hashed, runtime.clock() - CONSENT)
        if not (found and browser and sign_ins.bind(conn, hashed, _hashed(browser))):
            raise SignInExpired
    departure = Departure(**_opened(runtime, found))
    return _authority(runtime, found.method).url(departure, found.address)


def arrive(
    runtime: Runtime, state: str, browser: str, code: str | None, error: str | None
) -> str:
    """Take what the provider gave to the browser; give the page's key to go on with.

    What goes wrong from here on is kept with the sign-in, for `status`.

    Raises:
        SignInExpired: the state is unknown, used, too old, or of another browser.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        found = sign_ins.take(conn, _hashed(state), _hashed(browser), now - CONSENT)
    if found is None:
        raise SignInExpired
    key = secrets.token_urlsafe(32)
    try:
        tokens = _exchanged(runtime, found, code, error)
    except MailError as problem:
        _fail(runtime, found, key, problem)
        return key
    kept = _packed(tokens)
    with writing(runtime.engine) as conn:
        sealed = _sealed(runtime, _hashed(key), kept)
        sign_ins.become(
            conn, found.ticket, Stage.CONSENTED, ticket=_hashed(key), sealed=sealed
        )
    return key


def status(runtime: Runtime, ticket: str) -> Status:
    """Tell how far a sign-in is, by its ticket, or by its key after the arrival.

    Raises:
        SignInExpired: there is none, or it goes on in another window.

    """
    one = _found(runtime, ticket)
    address = one.address
    if one.stage is Stage.CONSENTED:
        address = _unpacked(_opened(runtime, one)).address
    return Status(one.stage, one.method, one.owner, address, one.problem, one.made_id)


def finish(runtime: Runtime, ticket: str, on_step: OnStep = lambda _: None) -> int:
    """Try the mailbox for real and connect it; give the integration's id.

    May be asked for again: after a failure, and when it was done already.

    Raises:
        SignInExpired: there is none, or the person has not consented yet.
        AnotherMailbox: the person signed in as somebody else than was said.
        AlreadyIntegrated: the owner was connected meanwhile.
        MailError: the step that failed, as `on_step` was told.

    """
    with _finishing.held(_hashed(ticket)):
        one = _found(runtime, ticket)
        if one.stage is Stage.DONE and one.made_id is not None:
            return one.made_id
        if one.stage is not Stage.CONSENTED:
            raise SignInExpired
        tokens = _unpacked(_opened(runtime, one))
        if one.address and fold(one.address) != fold(tokens.address):
            raise AnotherMailbox(address=one.address, other=tokens.address)
        made = _connected(runtime, one, tokens, on_step)
        with writing(runtime.engine) as conn:
            sign_ins.become(conn, one.ticket, Stage.DONE, made_id=made, sealed=b"")
        return made


def forget_old(runtime: Runtime) -> None:
    """Forget sign-ins that nobody finished, and the tokens that they hold."""
    with writing(runtime.engine) as conn:
        sign_ins.remove_old(conn, runtime.clock() - KEPT)


def _of_integration(runtime: Runtime, integration_id: int) -> tuple[str, str]:
    with reading(runtime.engine) as conn:
        found = integrations.get(conn, integration_id)
        live = integrations.live_of(conn, found.owner)
    if live is None or live.id != integration_id:
        raise NotFound(what="integration", id=integration_id)
    return found.owner, found.address


def _check_free(runtime: Runtime, owner: str) -> None:
    with reading(runtime.engine) as conn:
        if integrations.live_of(conn, owner):
            raise AlreadyIntegrated(owner=owner)


def _form(grant: Grant, owner: str, address: str, token: AccessToken) -> Form:
    return Form(
        owner=owner,
        address=address,
        password=token,
        imap=grant.imap,
        smtp=grant.smtp,
        login=address,
        acknowledged=True,
        method=grant.method,
    )


def _stored(
    runtime: Runtime,
    method: Method,
    owner: str,
    address: str,
    actor: str,
    integration_id: int | None,
) -> Begun:
    ticket, departure, now = secrets.token_urlsafe(32), oauth.depart(), runtime.clock()
    kept = {
        "state": departure.state.reveal(),
        "nonce": departure.nonce.reveal(),
        "verifier": departure.verifier.reveal(),
    }
    hashed = _hashed(ticket)
    sealed = _sealed(runtime, hashed, kept)
    one = SignIn(
        hashed, method, owner, address, actor, integration_id, "", sealed,
        Stage.BEGUN, None, None, now,
    )  # fmt: skip
    with writing(runtime.engine) as conn:
        sign_ins.remove_old(conn, now - KEPT)
        state = _hashed(departure.state.reveal())
        sign_ins.add(conn, one, state, runtime.vault.key_id)
    return Begun(ticket)


def _exchanged(
    runtime: Runtime, one: SignIn, code: str | None, error: str | None
) -> Tokens:
    authority = _authority(runtime, one.method)
    if error or not code or len(code) > CODE_MOST:
        raise oauth.refused(error or "access_denied", authority.host)
    return authority.exchange(Secret(code), Departure(**_opened(runtime, one)))


def _fail(runtime: Runtime, one: SignIn, key: str, problem: MailError) -> None:
    with writing(runtime.engine) as conn:
        sign_ins.become(
            conn,
            one.ticket,
            Stage.FAILED,
            ticket=_hashed(key),
            sealed=b"",
            problem_code=problem.code,
            problem_facts=problem.facts,
        )


def _connected(runtime: Runtime, one: SignIn, tokens: Tokens, on_step: OnStep) -> int:
    grant = grant_of(runtime.settings, one.method)
    policy = runtime.policy()
    form = _form(grant, one.owner, tokens.address, tokens.access)
    form = connect.cleaned(form, policy)
    for _ in connect.try_out(form, policy, on_step):
        pass
    kept = as_credentials(tokens)
    if one.integration_id is None:
        return connect.store(runtime, form, one.actor, kept)
    connect.store_again(runtime, one.integration_id, form, one.actor, kept)
    return one.integration_id


def _found(runtime: Runtime, ticket: str) -> SignIn:
    with reading(runtime.engine) as conn:
        found = sign_ins.get(conn, _hashed(ticket), runtime.clock() - KEPT)
    if found is None:
        raise SignInExpired
    return found


def _authority(runtime: Runtime, method: Method) -> Authority:
    grant = grant_of(runtime.settings, method)
    application = application_of(runtime.settings, method)
    return Authority(grant, application, runtime.policy(), runtime.clock)


def _packed(tokens: Tokens) -> dict[str, str]:
    return {
        "access": tokens.access.reveal(),
        "refresh": tokens.refresh.reveal(),
        "expires_at": tokens.expires_at.isoformat(),
        "address": tokens.address,
    }


def _unpacked(kept: dict[str, Secret]) -> Tokens:
    return Tokens(
        AccessToken(kept["access"].reveal()),
        kept["refresh"],
        datetime.fromisoformat(kept["expires_at"].reveal()),
        kept["address"].reveal(),
    )


def _sealed(runtime: Runtime, ticket: str, kept: dict[str, str]) -> bytes:
    return runtime.vault.seal(Secret(json.dumps(kept)), 0, f"sign_in {ticket}")


def _opened(runtime: Runtime, one: SignIn) -> dict[str, Secret]:
    text = runtime.vault.open(one.sealed, 0, f"sign_in {one.ticket}").reveal()
    return {name: Secret(value) for name, value in json.loads(text).items()}


def _hashed(text: str) -> str:
    return hashlib.sha256(text[:MOST].encode("utf-8", "replace")).hexdigest()
