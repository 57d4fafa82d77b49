"""Use cases: connect a mailbox, connect it again with other credentials, disconnect it.

Every step is tried for real, IMAP and SMTP, before anything is stored; who looks on
sees each step as it happens. What may be imported is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from core.connect.attempts import Attempts
from core.connect.form import Form, clean_address, cleaned, problems
from core.connect.report import Report, Side, preflight, report_of
from core.connect.steps import OnStep, Progress, Step
from core.connect.storing import (
    LIMITATIONS_VERSION,
    check_same,
    live_one,
    store,
    store_again,
)
from core.connect.trial import Card, Verdict, both
from core.errors import AlreadyIntegrated, NotAcknowledged, NotFound
from core.network import Policy
from core.oauth.tokens import Ending
from core.runtime import Runtime
from core.store import integrations, runs
from core.store.engine import reading, writing
from core.store.refused_logins import Who
from core.sync.access import PASSWORD

__all__ = [
    "LIMITATIONS_VERSION",
    "Card",
    "Ending",
    "Form",
    "OnStep",
    "Progress",
    "Report",
    "Side",
    "Step",
    "Verdict",
    "clean_address",
    "cleaned",
    "connect",
    "disconnect",
    "preflight",
    "problems",
    "reconnect",
    "store",
    "store_again",
    "try_out",
]
OnReport = Callable[[Report], None]


def connect(
    runtime: Runtime,
    form: Form,
    actor: str,
    on_step: OnStep = lambda _: None,
    on_report: OnReport = lambda _: None,
) -> int:
    """Connect a mailbox by IMAP; give the integration's id.

    Nothing is stored unless every step passed. `on_report` gets all that was found
    out, also when a step failed.

    Raises:
        NotAcknowledged, BadInput, AlreadyIntegrated, TooManyAttempts: before anything
            is sent.
        MailError: the first step that failed, as `on_step` was told.

    """
    if not form.acknowledged:
        raise NotAcknowledged
    form = cleaned(form, runtime.policy())
    with reading(runtime.engine) as conn:
        if integrations.live_of(conn, form.owner):
            raise AlreadyIntegrated(owner=form.owner)
    _passed(runtime, form, actor, on_step, on_report)
    return store(runtime, form, actor, {PASSWORD: form.password})


def reconnect(
    runtime: Runtime,
    integration_id: int,
    form: Form,
    actor: str,
    on_step: OnStep = lambda _: None,
    on_report: OnReport = lambda _: None,
) -> None:
    """Give a live integration a new password, user name or servers; its history stays.

    Nothing is changed unless every step passed.

    Raises:
        BadInput, NotFound, AnotherMailbox, TooManyAttempts: before anything is sent.
        MailError: the first step that failed, as `on_step` was told.

    """
    form = cleaned(form, runtime.policy())
    with reading(runtime.engine) as conn:
        before = live_one(conn, integration_id)
    check_same(before, form)
    form = replace(form, owner=before.owner, address=before.address)
    _passed(runtime, form, actor, on_step, on_report)
    store_again(runtime, integration_id, form, actor, {PASSWORD: form.password})


def try_out(form: Form, policy: Policy, on_step: OnStep) -> Iterator[str]:
    """Try both sides for real; yields the name of each side that passed.

    Raises:
        MailError: the first step that failed, once both sides were tried.

    """
    sides = both(form, policy, on_step)
    for one in sides:
        if one.error is None:
            yield one.walk.side
    for one in sides:
        if one.error is not None:
            raise one.error


def disconnect(runtime: Runtime, integration_id: int, actor: str) -> Ending | None:
    """End an integration: its credentials are deleted, its history stays.

    A permission is then given back to the provider; tells what came of that, and None
    where there was none. Whatever comes of it, the mailbox is disconnected.

    Raises:
        NotFound: there is no live integration with this id.

    """
    now, access = runtime.clock(), runtime.access()
    with reading(runtime.engine) as conn:
        one = integrations.get(conn, integration_id)
    refresh = access.refresh_token(one)
    with writing(runtime.engine) as conn:
        if not integrations.disconnect(conn, integration_id, now):
            raise NotFound(what="integration", id=integration_id)
        runs.tell(conn, integration_id, "disconnected", now)
        runs.record(conn, "disconnect", actor, now, integration_id)
    return access.revoke(one, refresh) if refresh else None


def _passed(
    runtime: Runtime, form: Form, actor: str, on_step: OnStep, on_report: OnReport
) -> None:
    """Take every step; raise what the first failure was."""
    attempts = Attempts(runtime, Who(form.owner, form.login), actor)
    attempts.check(form.imap.host, form.smtp.host)
    sides = both(form, runtime.policy(), on_step, attempts.login)
    on_report(report_of(form, runtime.clock(), *sides))
    for one in sides:
        if one.error is not None:
            raise one.error
