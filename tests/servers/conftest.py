"""An installation of Malote that may reach the servers of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.imap import avoided
from tests.certificates import Certificates
from tests.servers.following import Follower
from tests.servers.installation import Installation, installed
from tests.servers.smtp import Submission


@pytest.fixture
def installation(tmp_path: Path, certificates: Certificates) -> Iterator[Installation]:
    """Give a new, empty installation."""
    with installed(tmp_path / "data", certificates.ca_file) as opened:
        yield opened


@pytest.fixture
def follower(
    installation: Installation, certificates: Certificates, submission: Submission
) -> Follower:
    """Give what follows scripted mailboxes."""
    avoided.forget()  # a port may be another server's by now
    return Follower(installation, certificates, submission)
