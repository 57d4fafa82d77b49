"""What is asked of Google and Microsoft, and how a file changes it."""

from pathlib import Path

import pytest

from core.errors import BadInput, SignInNotSetUp
from core.model import Method, Security, Server
from core.oauth.grants import application_of, grant_of
from core.settings import Settings


def settings(tmp_path: Path, file: str = "", **more: object) -> Settings:
    if file:
        more["oauth_file"] = tmp_path / "oauth.toml"
        (tmp_path / "oauth.toml").write_text(file)
    return Settings(data=tmp_path, **more)  # type: ignore[arg-type]  # by name


def test_the_least_that_mail_needs(tmp_path: Path):
    google = grant_of(settings(tmp_path), Method.GOOGLE)
    assert set(google.scopes) == {"openid", "email", "https://mail.google.com/"}
    microsoft = grant_of(settings(tmp_path), Method.MICROSOFT)
    assert not [s for s in microsoft.scopes if "graph" in s or "Mail." in s]
    assert microsoft.revoke_url == ""


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path):
    file = """
        [microsoft]
        token_url = "https://login.cloud.example/token"
        scopes = ["openid", "mail"]
        [microsoft.imap]
        host = "IMAP.cloud.example"
        port = 143
        security = "starttls"
    """
    changed = grant_of(settings(tmp_path, file), Method.MICROSOFT)
    plain = grant_of(settings(tmp_path), Method.MICROSOFT)
    assert changed.token_url == "https://login.cloud.example/token"
    assert changed.scopes == ("openid", "mail")
    assert changed.imap == Server("imap.cloud.example", 143, Security.STARTTLS)
    assert (changed.smtp, changed.issuer) == (plain.smtp, plain.issuer)
    google = grant_of(settings(tmp_path, file), Method.GOOGLE)
    assert google == grant_of(settings(tmp_path), Method.GOOGLE)


@pytest.mark.parametrize(
    "file",
    [
        "not toml",
        "google = 1",
        "[google]\nmethod = 'imap'",
        "[google]\nwhatever = 1",
        "[google]\nscopes = 5",
        "[google]\nimap = {host = 'x'}",
        "[google]\nimap = {host = 'x', port = 'many'}",
        "[google]\ntoken_url = ''",
        "[google]\ntoken_url = 'http://x.example/token'",
        "[google]\nauthorize_url = 'javascript:alert(1)'",
        "[google]\nrevoke_url = 'http://x.example/revoke'",
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, file: str):
    with pytest.raises(BadInput) as told:
        grant_of(settings(tmp_path, file), Method.GOOGLE)
    assert told.value.field == "MALOTE_OAUTH_FILE"


def test_without_tls_only_to_hosts_that_are_named(tmp_path: Path):
    file = "[google]\ntoken_url = 'http://x.example/token'"
    hosts = frozenset({"x.example"})
    assert grant_of(settings(tmp_path, file, plaintext_hosts=hosts), Method.GOOGLE)


def test_a_missing_client_id_names_what_to_set(tmp_path: Path):
    with pytest.raises(SignInNotSetUp) as told:
        application_of(settings(tmp_path), Method.MICROSOFT)
    names = "MALOTE_MICROSOFT_CLIENT_ID, MALOTE_MICROSOFT_CLIENT_SECRET"
    assert told.value.facts == {"settings": names}


def test_the_way_back_is_our_public_address(tmp_path: Path):
    given = {"google_client_id": "id", "public_url": "https://mail.example/"}
    found = application_of(settings(tmp_path, **given), Method.GOOGLE)
    assert found.redirect_uri == "https://mail.example/oauth/callback"
    assert "Secret()" in repr(found)
