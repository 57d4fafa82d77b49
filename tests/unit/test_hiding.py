"""Every form of a secret is taken out of what servers say (THREATS T1, T2)."""

from base64 import b64encode

import pytest

from core import hiding, sasl
from core.model import Server
from core.secret import AccessToken, Secret
from tests.planted import Planted

LOGIN, SERVER = "ana@example.org", Server("imap.example.org", 993)
PASSWORD = Secret('Zq7-"CA\\NARY-9f3e')
TOKEN = AccessToken("ya29.token-CANARY-77b1")


def coded(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "form",
    [
        PASSWORD.reveal(),
        PASSWORD.reveal().upper(),
        'Zq7-\\"CA\\\\NARY-9f3e',
        coded(PASSWORD.reveal()),
        coded(PASSWORD.reveal()).rstrip("="),
        coded(f"\0{LOGIN}\0{PASSWORD.reveal()}"),
    ],
)
def test_a_password_in_each_form(form: str) -> None:
    hidden = hiding.of_login(LOGIN, PASSWORD, SERVER)
    said = hidden.out_of(f"<{form}>, again {form} refused")
    assert said.replace("=", "") == "<…>, again … refused"
    assert "CANARY" not in repr(hidden)


@pytest.mark.parametrize("way", [sasl.OAUTHBEARER, sasl.XOAUTH2])
def test_an_access_token_in_each_form(way: str) -> None:
    how = sasl.token_login([way], LOGIN, TOKEN, SERVER)
    assert how
    hidden = hiding.of_login(LOGIN, TOKEN, SERVER)
    for form in (TOKEN.reveal(), how.response, coded(TOKEN.reveal())):
        assert hidden.out_of(f"no: {form}").rstrip("=") == "no: …"


def test_without_a_password_nothing_is_taken_out() -> None:
    hidden = hiding.of_login(LOGIN, Secret(""), SERVER)
    assert hidden.out_of("no such user") == "no such user"


@pytest.mark.parametrize("word", [" Zq7 ", "Zq7\N{ZERO WIDTH SPACE}9f"])
def test_what_was_made_harmless_before(word: str) -> None:
    hidden = hiding.of_login(LOGIN, Secret(word), SERVER)
    for said in (word, word.strip(), word.replace("\N{ZERO WIDTH SPACE}", "\ufffd")):
        assert "Zq7" not in hidden.out_of(said)


@pytest.mark.parametrize("before", ["", "a", "ab", f"{LOGIN}\0{LOGIN}\0", "user pass "])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_a_password_inside_other_base64(before: str, after: str) -> None:
    hidden = hiding.of_login(LOGIN, PASSWORD, SERVER)
    said = hidden.out_of(f"you sent {coded(before + PASSWORD.reveal() + after)}, sorry")
    assert said.startswith("you sent ")
    assert said.endswith("…, sorry")
    assert Planted(PASSWORD.reveal()).found({"said": said.encode()}) == set()


def test_a_short_password_does_not_hide_everything() -> None:
    hidden = hiding.of_login(LOGIN, Secret("pw!"), SERVER)
    assert hidden.out_of("Authentication failed") == "Authentication failed"
