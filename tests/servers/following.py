"""An installation that follows a scripted mailbox, from connecting to syncing.

with following(box) as one:
    assert one.sync().outcome is Outcome.OK
    assert one.uids("INBOX") == [1, 2, 3]
    assert not one.server.said(rb"CHARSET")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pytest

from core import watch
from core.connect import Progress
from core.errors import MailError
from core.imap.opening import open_session
from core.imap.session import Session
from core.model import Server
from core.secret import Secret
from core.store.integrations import Standing
from core.sync.syncer import Report
from tests.certificates import Certificates
from tests.servers.dovecot import PASSWORD, Account
from tests.servers.installation import Installation
from tests.servers.scripted import ScriptedServer
from tests.servers.smtp import Submission
from tests.servers.table import ScriptedMailbox

USER = "ana@example.org"


@dataclass
class Followed:
    """A scripted mailbox that is integrated."""

    installation: Installation
    server: ScriptedServer
    id: int

    def sync(self) -> Report:
        """Sync once."""
        return self.installation.sync(self.id)

    def uids(self, folder: str) -> list[int]:
        """Give the UIDs that we hold of a folder."""
        return sorted(self.installation.held(self.id).get(folder, {}))

    def flags(self, folder: str) -> dict[int, set[str]]:
        """Give the flags that we hold of a folder's messages."""
        held = self.installation.held(self.id).get(folder, {})
        return {uid: set(one[0]) for uid, one in held.items()}

    def folders(self) -> pd.DataFrame:
        """Give the folders as the product shows them."""
        return watch.folders(self.installation.runtime, self.id)

    def standing(self) -> Standing:
        """Tell how the integration stands."""
        return watch.standing(self.installation.runtime, self.id)


@dataclass
class Follower:
    """Whatever it takes to connect to a scripted mailbox; the fixture `follower`."""

    installation: Installation
    certificates: Certificates
    submission: Submission

    def account(self, port: int, user: str = USER, password: str = PASSWORD) -> Account:
        """Describe a mailbox on a port, with a submission server that works."""
        smtp = (self.submission.port, self.submission.starttls_port)
        ca_file = self.certificates.ca_file
        return Account(user, password, "localhost", port, 0, 0, *smtp, ca_file)

    @contextmanager
    def following(self, box: ScriptedMailbox) -> Iterator[Followed]:
        """Serve a mailbox and connect to it, every step of it."""
        with box.served(self.certificates) as server:
            one = self.installation.connect(self.account(server.port))
            yield Followed(self.installation, server, one)

    def refusal(self, box: ScriptedMailbox, step: str) -> MailError:
        """Connect in vain; give the error of the step at which it ended."""
        with box.served(self.certificates) as server:
            form = self.installation.form(self.account(server.port))
            with pytest.raises(MailError) as refused:
                self.installation.steps(form)
        steps = self.installation.last_steps
        failed = [s for s in steps if s.progress is Progress.FAILED]
        assert [(s.side, s.name) for s in failed] == [("imap", step)]
        return refused.value

    @contextmanager
    def session(
        self, box: ScriptedMailbox, login: str = USER, password: str = PASSWORD
    ) -> Iterator[tuple[Session, ScriptedServer]]:
        """Serve a mailbox and log in."""
        with box.served(self.certificates) as server:
            with self.logged_in(server, login, password) as session:
                yield session, server

    @contextmanager
    def logged_in(
        self, server: ScriptedServer, login: str = USER, password: str = PASSWORD
    ) -> Iterator[Session]:
        """Log in to a mailbox that is served."""
        policy = self.installation.runtime.policy()
        where = Server("localhost", server.port)
        with open_session(where, login, Secret(password), policy) as session:
            yield session
