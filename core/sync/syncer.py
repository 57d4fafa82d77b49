"""What it takes to sync: a store, a way to open mailboxes; and what comes of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine

from core.clock import Clock, now as this_moment
from core.errors import MailError, Overtaken, ProtocolBroken
from core.imap import opening
from core.imap.mailbox import ImapMailbox, Mailbox
from core.imap.recording import Recorder
from core.imap.session import Session
from core.model import Changes, Integration, Outcome
from core.network import Policy
from core.secret import Secret
from core.store import integrations
from core.store.engine import reading
from core.sync.access import Access
from core.sync.plan import Build, Step

# Of an integration, and its sealed secret (`FIELDS`) if that is at hand.
Opener = Callable[..., AbstractContextManager[Mailbox]]


class Stopping(MailError):
    """The worker is being shut down."""

    code = "stopping"


@dataclass(frozen=True, slots=True)
class Syncer:
    """What it takes to sync: a store, a way to open mailboxes, a name for leases.

    `stopping` is asked between folders and batches; True ends the run in good order.
    """

    engine: Engine
    opener: Opener
    holder: str
    every_s: int = 60
    clock: Clock = this_moment
    jitter: Callable[[], float] = random.random
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What one folder needed: the steps taken, none for nothing; or its problem."""

    title: str
    steps: tuple[Step, ...]
    problem: str = ""

    @property
    def was_read_again(self) -> bool:
        """Tell whether its UIDVALIDITY was another (RFC 9051 §2.3.1.1)."""
        return any(isinstance(step, Build) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `seconds` is the time it took."""

    integration_id: int
    outcome: Outcome
    changes: Changes
    seconds: float
    folders: list[FolderReport] = field(default_factory=list)
    error: MailError | None = None


def start(
    access: Access,
    policy: Policy,
    integration: Integration,
    sealed: bytes | None = None,
    recorder: Recorder | None = None,
) -> Session:
    """Log in to a mailbox; whoever holds the session closes its client.

    Raises:
        Overtaken: reconnected since `integration` was read.
        MailError: as of a session.

    """

    def attempt(secret: Secret) -> Session:
        if sealed is None:
            _check_same(access, integration)
        return opening.start_session(
            integration.imap, integration.login, secret, policy, recorder
        )

    return access.let_in(integration, attempt, sealed)


def opener(access: Access, policy: Policy) -> Opener:
    """Give a way to open the mailbox of an integration over IMAP."""

    @contextmanager
    def open_mailbox(
        integration: Integration, sealed: bytes | None = None
    ) -> Iterator[Mailbox]:
        with access.recordings.recording(integration, "sync") as recorder:
            session = start(access, policy, integration, sealed, recorder)
            session.wants_subject = integration.privacy.allows_subject
            with opening.held(session, policy):
                yield ImapMailbox(session)

    return open_mailbox


def as_kept(error: MailError, integration: Integration) -> MailError:
    """Drop the line that broke the protocol, where it may hold what is not kept.

    After a literal of a wrong length (RFC 9051 §4.3) mail is read as answers.
    """
    forbidden = not integration.privacy.allows_subject
    if forbidden and isinstance(error, ProtocolBroken):
        error.args, error.detail = (error.code,), error.code
        error.facts["server_says"] = ""
    return error


def _check_same(access: Access, integration: Integration) -> None:
    """See, once a secret was read, that it belongs to these servers.

    Raises:
        Overtaken: reconnected meanwhile: the secret may be of other servers.

    """
    with reading(access.engine) as conn:
        if integrations.get(conn, integration.id) != integration:
            raise Overtaken(f"integration {integration.id}")
