"""Fixtures for every kind of test: real servers, and how much hypothesis tries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings

from tests.certificates import Certificates
from tests.servers import (
    authority as authorities,
    cyrus as cyrus_server,
    dovecot as dovecot_server,
    dovecot_oauth,
    postgresql as postgresql_server,
    smtp,
)
from tests.servers.authority import Authority
from tests.servers.cyrus import Cyrus
from tests.servers.dovecot import Account, Dovecot
from tests.servers.postgresql import Postgresql
from tests.servers.smtp import Submission

# Workers of tests do not meet on one port: who wants metrics asks for a port.
os.environ.setdefault("MALOTE_METRICS_PORT", "0")

# MALOTE_TEST_PROFILE chooses; `make soak` runs what hypothesis does, and what is marked
# soak_sized, in full size.
PATIENT = timedelta(seconds=10)
settings.register_profile(
    "ci",
    deadline=PATIENT,
    max_examples=50,
    derandomize=True,  # the same answer for the same tree; soak looks elsewhere
)
settings.register_profile(
    "soak",
    deadline=PATIENT,
    max_examples=2000,
    stateful_step_count=150,
    suppress_health_check=[HealthCheck.too_slow],
)
PROFILE = os.environ.get("MALOTE_TEST_PROFILE", "ci")
settings.load_profile(PROFILE)


@pytest.fixture(scope="session")
def soaking() -> bool:
    """Tell whether tests marked soak_sized should run in full size."""
    return PROFILE == "soak"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give a private CA and its certificates, right and wrong."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def submission_server(certificates: Certificates) -> Iterator[Submission]:
    """Run one SMTP submission server; tests take `submission`."""
    with smtp.running(certificates.good) as server:
        yield server


@pytest.fixture
def submission(submission_server: Submission) -> Submission:
    """Give the SMTP submission server, with nothing received yet."""
    submission_server.forget()
    return submission_server


@pytest.fixture(scope="session")
def dovecot(
    certificates: Certificates, submission_server: Submission
) -> Iterator[Dovecot]:
    """Run one Dovecot; each test asks it for a mailbox of its own."""
    ports = (submission_server.port, submission_server.starttls_port)
    with dovecot_server.running(certificates, ports) as server:
        yield server


@pytest.fixture(scope="session")
def cyrus(certificates: Certificates, submission_server: Submission) -> Iterator[Cyrus]:
    """Run one Cyrus; each test asks it for a mailbox of its own."""
    ports = (submission_server.port, submission_server.starttls_port)
    with cyrus_server.running(certificates, ports) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """Run one PostgreSQL; each test asks it for a database of its own."""
    with postgresql_server.running() as server:
        yield server


@pytest.fixture
def served_url(postgresql: Postgresql) -> Iterator[str]:
    """Give the URL of a database of its own, on PostgreSQL, with our tables in it."""
    url = postgresql.database(ready=True)
    yield url
    postgresql.drop(url)


@pytest.fixture(scope="session")
def authority_server() -> Iterator[Authority]:
    """Run one authorization server; tests take `authority`."""
    with authorities.running() as server:
        yield server


@pytest.fixture
def authority(authority_server: Authority) -> Authority:
    """Give the authorization server, as it behaves unless told otherwise."""
    authority_server.behave()
    return authority_server


@pytest.fixture(scope="session")
def oauth_dovecot(
    tmp_path_factory: pytest.TempPathFactory,
    certificates: Certificates,
    authority_server: Authority,
    submission_server: Submission,
) -> Iterator[Dovecot]:
    """Run one Dovecot that takes access tokens for IMAP and for sending."""
    folder, relay = tmp_path_factory.mktemp("oauth"), submission_server.port
    with dovecot_oauth.running(folder, certificates, authority_server, relay) as server:
        yield server


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    """Give a mailbox that nobody has used."""
    return dovecot.mailbox()
