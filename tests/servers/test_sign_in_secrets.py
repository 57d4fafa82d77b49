"""Signing in: what browsers hold works once, and nothing secret is left behind."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from core import log, sign_in
from core.errors import (
    SignInExpired,
)
from core.sign_in import Stage
from core.store.access_tables import sign_in as signs
from core.store.engine import reading
from tests.servers.authority import Authority
from tests.servers.dovecot import Account
from tests.servers.signing_in import SignedIn

pytestmark = pytest.mark.server


def stored(people: SignedIn) -> bytes:
    data = people.runtime.settings.data
    return b"".join(p.read_bytes() for p in data.glob("malote.db*"))


def test_nothing_secret_is_stored_in_clear(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    ticket = people.begin()
    browser = people.browser()
    url = browser.start(ticket)
    state = parse_qs(urlsplit(url).query)["state"][0]
    back = browser.consent(url, consenting.address)
    key = browser.come_back(back)["sign_in"]
    tokens = authority.of(consenting.address)[-1]
    hidden = [ticket, state, key, tokens.access_token, tokens.refresh_token]
    hidden.append(browser.session.cookies["malote_sign_in"])
    hidden.append(parse_qs(urlsplit(back).query)["code"][0])
    for _ in range(2):
        kept = stored(people)
        assert consenting.address.encode() in kept or b"sign_in" in kept
        assert not [text for text in hidden if text.encode() in kept]
        sign_in.finish(people.runtime, key)


def test_the_request_has_pkce_a_nonce_and_a_hint(
    people: SignedIn, consenting: Account
) -> None:
    url = people.browser().start(people.begin(address=consenting.address))
    asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["nonce"] != asked["state"]
    assert asked["login_hint"] == consenting.address
    assert (
        asked["redirect_uri"] == f"{people.runtime.settings.public_url}/oauth/callback"
    )
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")


def test_the_cookie_is_for_this_way_only(people: SignedIn) -> None:
    ticket, browser = people.begin(), people.browser()
    object.__setattr__(people.runtime.settings, "public_url", "https://malote.example")
    answer = browser.get(f"{browser.malote}/oauth/start", ticket=ticket)
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=lax", "secure", "path=/oauth"):
        assert word in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert answer.text == ""


def test_the_state_works_once_and_in_its_browser_only(
    people: SignedIn, consenting: Account
) -> None:
    expired = {"sign_in_problem": "sign_in_expired"}
    ticket, mine, another = people.begin(), people.browser(), people.browser()
    url = mine.start(ticket)
    assert another.start(ticket).endswith("sign_in_problem=sign_in_expired")
    back = mine.consent(url, consenting.address)
    assert another.come_back(back) == expired  # no cookie
    another.start(people.begin("Bea"))
    assert another.come_back(back) == expired  # another cookie
    wrong = back.replace("state=", "state=x")
    assert mine.come_back(wrong) == expired
    assert (
        mine.session.head(back, timeout=9).status_code == 405
    )  # looks only, uses nothing
    assert "sign_in" in mine.come_back(back)
    assert mine.come_back(back) == expired  # replayed


def test_the_ticket_is_worth_nothing_after_the_arrival(
    people: SignedIn, consenting: Account
) -> None:
    ticket = people.begin()
    key = people.browser().sign_in(ticket, consenting.address)
    for use in (sign_in.status, sign_in.finish):
        with pytest.raises(SignInExpired):
            use(people.runtime, ticket)
    assert sign_in.status(people.runtime, key).stage is Stage.CONSENTED


def test_ten_minutes_are_the_limit(people: SignedIn, consenting: Account) -> None:
    ticket, browser = people.begin(), people.browser()
    back = browser.consent(browser.start(ticket), consenting.address)
    clock = people.runtime.clock
    late = clock() + timedelta(minutes=11)
    object.__setattr__(people.runtime, "clock", lambda: late)
    assert browser.come_back(back) == {"sign_in_problem": "sign_in_expired"}
    assert browser.start(ticket).endswith("sign_in_problem=sign_in_expired")


def test_what_nobody_finishes_is_forgotten(
    people: SignedIn, consenting: Account
) -> None:
    key = people.browser().sign_in(people.begin(), consenting.address)
    now = people.runtime.clock()
    for minutes, there in ((40, 1), (46, 0)):
        late = now + timedelta(minutes=minutes)
        object.__setattr__(people.runtime, "clock", lambda late=late: late)
        sign_in.forget_old(people.runtime)
        with reading(people.runtime.engine) as conn:
            assert conn.scalar(select(func.count()).select_from(signs)) == there
    with pytest.raises(SignInExpired):
        sign_in.finish(people.runtime, key)


def test_logs_hold_nothing_secret(
    people: SignedIn,
    authority: Authority,
    consenting: Account,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    log.set_up("json", "debug")
    with caplog.at_level("DEBUG"):
        ticket, browser = people.begin(), people.browser()
        back = browser.consent(browser.start(ticket), consenting.address)
        key = browser.come_back(back)["sign_in"]
        one = sign_in.finish(people.runtime, key)
        authority.expire(consenting.address)
        people.sync(one)
        authority.withdraw(consenting.address)
        people.sync(one)
    # The provider and the browser run in this process; what they log is not ours.
    theirs = ("authlib.oauth2.rfc", "urllib3")
    ours = [r for r in caplog.records if not r.name.startswith(theirs)]
    told = "".join(r.getMessage() for r in ours) + "".join(capfd.readouterr())
    assert "sync" in told
    tokens = authority.of(consenting.address)
    hidden = [t.access_token for t in tokens] + [t.refresh_token for t in tokens]
    hidden += [authority.client.secret, browser.session.cookies["malote_sign_in"]]
    hidden += parse_qs(urlsplit(back).query)["code"]
    assert not [text for text in hidden if text in told]
