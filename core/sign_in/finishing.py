"""The last step of a sign-in: the mailbox is tried for real, and connected."""

from __future__ import annotations

from dataclasses import replace

from core import connect
from core.connect import OnStep
from core.errors import AnotherMailbox, SignedInAsAnother, SignInExpired
from core.keyed import Keyed
from core.oauth.grants import grant_of
from core.oauth.tokens import Tokens
from core.runtime import Runtime
from core.sign_in import keeping
from core.store import sign_ins
from core.store.engine import writing
from core.store.sign_ins import SignIn, Stage
from core.sync.access import as_credentials
from core.text import fold

_finishing = Keyed()


def finish(runtime: Runtime, ticket: str, on_step: OnStep = lambda _: None) -> int:
    """Try the mailbox for real and connect it; give the integration's id.

    May be asked for again: after a failure, and when it was done already.

    Raises:
        SignInExpired: there is none, or the person has not consented yet.
        SignedInAsAnother: the person signed in as somebody else than was typed.
        AnotherMailbox: or, to reconnect, than the integration follows.
        AlreadyIntegrated: the owner was connected meanwhile.
        MailError: the step that failed, as `on_step` was told.

    """
    with _finishing.held(keeping.hashed(ticket)):
        one = keeping.found(runtime, ticket)
        if one.stage is Stage.DONE and one.made_id is not None:
            return one.made_id
        if one.stage is not Stage.CONSENTED:
            raise SignInExpired
        tokens = keeping.unpacked(keeping.opened(runtime, one))
        if one.address and fold(one.address) != fold(tokens.address):
            new = one.integration_id is None
            error = SignedInAsAnother if new else AnotherMailbox
            raise error(address=one.address, other=tokens.address)
        made = _connected(runtime, one, tokens, on_step)
        with writing(runtime.engine) as conn:
            sign_ins.become(conn, one.ticket, Stage.DONE, made_id=made, sealed=b"")
        return made


def _connected(runtime: Runtime, one: SignIn, tokens: Tokens, on_step: OnStep) -> int:
    grant = grant_of(runtime.settings, one.method)
    policy = runtime.policy()
    form = keeping.form(grant, one.owner, tokens.address, tokens.access)
    form = replace(connect.cleaned(form, policy), privacy=one.privacy)
    for _ in connect.try_out(form, policy, on_step):
        pass
    kept = as_credentials(tokens)
    if one.integration_id is None:
        return connect.store(runtime, form, one.actor, kept)
    connect.store_again(runtime, one.integration_id, form, one.actor, kept)
    return one.integration_id
