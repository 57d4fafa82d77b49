"""The steps of a sign-in that lead to the provider and back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from core import connect
from core.connect import Form
from core.errors import (
    AlreadyIntegrated,
    MailError,
    NotAcknowledged,
    NotFound,
    SignInExpired,
)
from core.model import Method, Privacy, Problem
from core.oauth import tokens as oauth
from core.oauth.grants import application_of, grant_of, redirect_uri
from core.oauth.tokens import Departure, Tokens
from core.runtime import Runtime
from core.secret import AccessToken, Secret
from core.sign_in import keeping
from core.store import integrations, sign_ins
from core.store.engine import reading, writing
from core.store.sign_ins import SignIn, Stage

CONSENT = timedelta(minutes=10)  # to come back from the provider
START = "/oauth/start"
CODE_MOST = 8_000
ANYBODY = "somebody@example.org"  # where no address was typed, to check the rest


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun; `url` is the link to follow, by the public address.

    By that address, because the browser's cookie must be there when it comes back.
    """

    ticket: str
    url: str


@dataclass(frozen=True, slots=True)
class Status:
    """How far a sign-in is; `address` as the provider told it, else as it was typed.

    `integration_id` is the one that is given permission again, `made_id` what came of
    it in the end.
    """

    stage: Stage
    method: Method
    owner: str
    address: str
    problem: Problem | None
    integration_id: int | None
    made_id: int | None


def check_set_up(runtime: Runtime, method: Method) -> None:
    """See that people can sign in by a method.

    Raises:
        SignInNotSetUp: the client id is missing; names the settings.
        BadInput: the file of the endpoints cannot be used.

    """
    grant_of(runtime.settings, method)
    application_of(runtime.settings, method)


def redirect_to(runtime: Runtime) -> str:
    """Give the address that must be registered at the provider."""
    return redirect_uri(runtime.settings)


def begin(
    runtime: Runtime,
    method: Method,
    owner: str,
    actor: str,
    *,
    address: str = "",
    integration_id: int | None = None,
    acknowledged: bool,
    privacy: Privacy = Privacy.BODY,
) -> Begun:
    """Begin a sign-in, or one for an integration that needs permission again.

    `privacy` is how much is to be kept of a new one; an integration keeps its level.

    Raises:
        NotAcknowledged, SignInNotSetUp, BadInput, AlreadyIntegrated, NotFound: before
            anything is stored.

    """
    if not acknowledged:
        raise NotAcknowledged
    check_set_up(runtime, method)
    grant = grant_of(runtime.settings, method)
    if integration_id is not None:
        owner, address = _of_integration(runtime, integration_id)
    blank = AccessToken("-")
    form = connect.cleaned(
        keeping.form(grant, owner, address or ANYBODY, blank), runtime.policy()
    )
    typed = form.address if address else ""
    if integration_id is None:
        _check_free(runtime, form.owner)
    form = replace(form, address=typed, privacy=privacy)
    return _stored(runtime, method, form, actor, integration_id)


def depart(runtime: Runtime, ticket: str, browser: str) -> str:
    """Bind a sign-in to a browser (its cookie); give the provider's page.

    Raises:
        SignInExpired: too old, used, or begun in another browser.

    """
    hashed = keeping.hashed(ticket)
    with writing(runtime.engine) as conn:
        found = sign_ins.get(conn, hashed, runtime.clock() - CONSENT)
        if not (
            found and browser and sign_ins.bind(conn, hashed, keeping.hashed(browser))
        ):
            raise SignInExpired
    departure = Departure(**keeping.opened(runtime, found))
    return keeping.authority(runtime, found.method).url(departure, found.address)


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
        found = sign_ins.take(
            conn, keeping.hashed(state), keeping.hashed(browser), now - CONSENT
        )
    if found is None:
        raise SignInExpired
    key = secrets.token_urlsafe(32)
    try:
        tokens = _exchanged(runtime, found, code, error)
    except MailError as problem:
        _fail(runtime, found, key, problem)
        return key
    kept = keeping.packed(tokens)
    with writing(runtime.engine) as conn:
        sealed = keeping.sealed(runtime, keeping.hashed(key), kept)
        sign_ins.become(
            conn,
            found.ticket,
            Stage.CONSENTED,
            ticket=keeping.hashed(key),
            sealed=sealed,
        )
    return key


def status(runtime: Runtime, ticket: str) -> Status:
    """Tell how far a sign-in is, by its ticket, or by its key after the arrival.

    Raises:
        SignInExpired: there is none, or it goes on in another window.

    """
    one = keeping.found(runtime, ticket)
    address = one.address
    if one.stage is Stage.CONSENTED:
        address = keeping.unpacked(keeping.opened(runtime, one)).address
    return Status(
        one.stage,
        one.method,
        one.owner,
        address,
        one.problem,
        one.integration_id,
        one.made_id,
    )


def forget_old(runtime: Runtime) -> None:
    """Forget sign-ins that nobody finished, and the tokens that they hold."""
    with writing(runtime.engine) as conn:
        sign_ins.remove_old(conn, runtime.clock() - keeping.KEPT)


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


def _stored(
    runtime: Runtime,
    method: Method,
    form: Form,
    actor: str,
    integration_id: int | None,
) -> Begun:
    ticket, departure, now = secrets.token_urlsafe(32), oauth.depart(), runtime.clock()
    kept = {
        "state": departure.state.reveal(),
        "nonce": departure.nonce.reveal(),
        "verifier": departure.verifier.reveal(),
    }
    hashed = keeping.hashed(ticket)
    sealed = keeping.sealed(runtime, hashed, kept)
    one = SignIn(
        hashed, method, form.owner, form.address, actor, integration_id, "", sealed,
        Stage.BEGUN, None, None, now, form.privacy,
    )  # fmt: skip
    with writing(runtime.engine) as conn:
        sign_ins.remove_old(conn, now - keeping.KEPT)
        state = keeping.hashed(departure.state.reveal())
        sign_ins.add(conn, one, state, runtime.vault.key_id)
    public = runtime.settings.public_url.rstrip("/")
    return Begun(ticket, f"{public}{START}?ticket={ticket}")


def _exchanged(
    runtime: Runtime, one: SignIn, code: str | None, error: str | None
) -> Tokens:
    authority = keeping.authority(runtime, one.method)
    if error or not code or len(code) > CODE_MOST:
        raise oauth.refused(error or "access_denied", authority.host)
    return authority.exchange(Secret(code), Departure(**keeping.opened(runtime, one)))


def _fail(runtime: Runtime, one: SignIn, key: str, problem: MailError) -> None:
    with writing(runtime.engine) as conn:
        sign_ins.become(
            conn,
            one.ticket,
            Stage.FAILED,
            ticket=keeping.hashed(key),
            sealed=b"",
            problem_code=problem.code,
            problem_facts=problem.facts,
        )
