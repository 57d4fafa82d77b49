"""What servers say that they can do, in our words."""

import pytest

from core.i18n import LANGUAGES, Texts
from core.imap.capabilities import KNOWN, describe


@pytest.mark.parametrize(
    ("name", "rfc", "use", "used"),
    [
        ("IDLE", 2177, "idle", True),
        ("idle", 2177, "idle", True),
        ("QUOTA=RES-STORAGE", 9208, "quota", True),
        ("APPENDLIMIT=67108864", 7889, "size_limit", False),
        ("QUOTASET", 9208, "quota", True),
        ("AUTH=SCRAM-SHA-256", 7677, "login", False),
        ("AUTH=SCRAM-SHA-1", 5802, "login", False),
        ("AUTH=NTLM", 4422, "login", False),
        ("THREAD=REFS", 5256, "thread", False),
        ("X-GM-EXT-1", 0, "gmail", True),
        ("X-WHATEVER", 0, "", False),
        ("", 0, "", False),
    ],
)
def test_a_capability(name: str, rfc: int, use: str, used: bool) -> None:
    assert describe(name) == (name, rfc, use, used)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_has_words(language: str) -> None:
    t = Texts(language)
    assert not [use for _, use, _ in KNOWN.values() if not t.has(f"capability.{use}")]
