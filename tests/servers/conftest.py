"""An installation of Malote, and mailboxes on every server of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from console import sign_in_routes
from core.imap import remembered
from tests.certificates import Certificates
from tests.servers.alerting import Alarmed
from tests.servers.authority import Authority
from tests.servers.cyrus import Cyrus, MailServer
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.following import Follower
from tests.servers.hook import Hook, hook
from tests.servers.installation import Installation, installed
from tests.servers.posting import Posting
from tests.servers.signing_in import SignedIn, installed as signed_in
from tests.servers.smtp import Submission


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Give SQLite in the data folder, or what MALOTE_TEST_DATABASE says.

    `MALOTE_TEST_DATABASE=postgresql make test` has every installation there;
    `parametrize("database_url", BOTH, indirect=True)` is for tests of each.
    """
    usual = os.environ.get("MALOTE_TEST_DATABASE")
    if getattr(request, "param", usual) != "postgresql":
        return ""
    url: str = request.getfixturevalue("served_url")
    return url


@pytest.fixture
def installation(
    tmp_path: Path, certificates: Certificates, database_url: str
) -> Iterator[Installation]:
    """Give a new, empty installation."""
    with installed(tmp_path / "data", certificates.ca_file, database_url) as opened:
        yield opened


class Place(NamedTuple):
    """An empty mailbox, and the server that it is on."""

    server: MailServer
    box: Account


@pytest.fixture(params=["full", "no_condstore", "bare", "cyrus"])
def place(request: pytest.FixtureRequest) -> Place:
    """Choose a server: each kind of Dovecot in turn, then Cyrus.

    `parametrize("place", ["full", "cyrus"], indirect=True)` takes those that can most.
    """
    if request.param == "cyrus":
        cyrus: Cyrus = request.getfixturevalue("cyrus")
        return Place(cyrus, cyrus.mailbox())
    dovecot: Dovecot = request.getfixturevalue("dovecot")
    return Place(dovecot, dovecot.mailbox(kind=Kind[request.param.upper()]))


@pytest.fixture
def server(place: Place) -> MailServer:
    """Give the server of `box`."""
    return place.server


@pytest.fixture
def box(place: Place) -> Account:
    """Give an empty mailbox, on each server in turn."""
    return place.box


@pytest.fixture
def follower(
    installation: Installation, certificates: Certificates, submission: Submission
) -> Follower:
    """Give what follows scripted mailboxes."""
    remembered.forget()  # a port may be another server's by now
    return Follower(installation, certificates, submission)


@pytest.fixture
def consenting(oauth_dovecot: Dovecot) -> Account:
    """Give a mailbox that opens by access tokens."""
    return oauth_dovecot.mailbox()


@pytest.fixture
def people(
    tmp_path: Path,
    certificates: Certificates,
    authority: Authority,
    consenting: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SignedIn]:
    """Give an installation in which people sign in, and its two routes served."""
    folder = tmp_path / "data"
    with signed_in(folder, certificates.ca_file, authority, consenting) as opened:
        monkeypatch.setattr(sign_in_routes, "runtime", lambda: opened.runtime)
        yield opened


@pytest.fixture
def post(
    installation: Installation, account: Account, submission: Submission
) -> Iterator[Posting]:
    """Give a mailbox that sends, and the job of a worker; a clock stands."""
    posting = Posting.of(installation, account, submission)
    yield posting
    posting.job.close()


@pytest.fixture
def webhook() -> Iterator[Hook]:
    """Give a webhook that takes alerts."""
    with hook() as listening:
        yield listening


@pytest.fixture
def alarmed(installation: Installation) -> Alarmed:
    """Give an installation without rules and sinks, whose clock stands."""
    return Alarmed.of(installation.runtime)


@pytest.fixture
def watched_box(alarmed: Alarmed, webhook: Hook) -> int:
    """Give a mailbox of `alarmed`; a rule tells the webhook of every error of it."""
    alarmed.rule()
    alarmed.sink(webhook.url())
    return alarmed.mailbox()
