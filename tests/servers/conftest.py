"""An installation of Malote that may reach the servers of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import Certificates
from tests.servers.installation import Installation, installed


@pytest.fixture
def installation(tmp_path: Path, certificates: Certificates) -> Iterator[Installation]:
    """Give a new, empty installation."""
    with installed(tmp_path / "data", certificates.ca_file) as opened:
        yield opened
