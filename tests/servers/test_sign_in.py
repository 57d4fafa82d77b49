"""Signing in, end to end: an authorization server, and Dovecot's oauth2 passdb."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from core import sign_in, watch
from core.connect import Progress, Step
from core.errors import (
    AlreadyIntegrated,
    AnotherMailbox,
    BadInput,
    NeedsPermission,
    NotAcknowledged,
    SignedInAsAnother,
    SignInExpired,
    SignInNotSetUp,
)
from core.model import Method, Outcome, State
from core.sign_in import Stage
from tests.servers.authority import Authority
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.serving import HOST
from tests.servers.signing_in import SignedIn

pytestmark = pytest.mark.server


@pytest.mark.parametrize("method", [Method.GOOGLE, Method.MICROSOFT])
def test_who_consents_is_connected(
    people: SignedIn, consenting: Account, method: Method
) -> None:
    ticket = people.begin(address=consenting.address, method=method)
    key = people.browser().sign_in(ticket, consenting.address)
    consented = sign_in.status(people.runtime, key)
    assert (consented.stage, consented.method) == (Stage.CONSENTED, method)
    assert (consented.owner, consented.address) == ("Ana", consenting.address)
    steps: list[Step] = []
    made = sign_in.finish(people.runtime, key, steps.append)
    done = {(s.side, s.name) for s in steps if s.progress is Progress.OK}
    assert {("imap", "login"), ("imap", "list"), ("smtp", "login")} <= done
    one = people.integration(made)
    assert (one.method, one.login) == (method, consenting.address)
    assert sign_in.status(people.runtime, key).made_id == made
    assert sign_in.finish(people.runtime, key) == made  # asked for again
    assert len(watch.live(people.runtime)) == 1
    with Device(consenting) as phone:
        phone.deliver("INBOX", subject="Hello")
    assert people.sync(made).outcome is Outcome.OK
    people.check(made, consenting)


def test_who_came_from_an_activity_is_led_back_to_it(
    people: SignedIn, consenting: Account
) -> None:
    browser = people.browser()
    start = f"{browser.malote}/oauth/start"
    for activity, expected in (("12", "12"), ("1;x", None), ("7", "7"), ("", None)):
        answer = browser.get(start, ticket=people.begin(), activity=activity)
        url = browser.consent(answer.headers["location"], consenting.address)
        page = browser.come_back(url)
        assert page["sign_in"]
        assert page.get("activity") == expected


def test_a_denied_consent_is_told(people: SignedIn, consenting: Account) -> None:
    key = people.browser().sign_in(people.begin(), consenting.address, "deny")
    told = sign_in.status(people.runtime, key)
    assert told.stage is Stage.FAILED
    assert told.problem is not None
    assert told.problem.code == "sign_in_refused"
    with pytest.raises(SignInExpired):
        sign_in.finish(people.runtime, key)
    assert watch.overview(people.runtime).empty


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": "openid email"}, "sign_in_refused"),
        ({"trouble": Response("<html>", 503)}, "server_unavailable"),
        ({"trouble": Response("{}", 429)}, "throttled"),
        ({"trouble": Response("<html>", 200)}, "protocol_broken"),
        ({"trouble": Response("x" * 70_000, 200)}, "limit_exceeded"),
        (
            {"trouble": Response("", 307, {"location": "https://evil.example/"})},
            "protocol_broken",
        ),
        ({"trouble": Response('{"access_token": "a\\nb"}')}, "protocol_broken"),
        ({"claims": {"nonce": "of another"}}, "protocol_broken"),
        ({"claims": {"aud": "another-application"}}, "protocol_broken"),
        ({"claims": {"iss": "https://evil.example"}}, "protocol_broken"),
        ({"claims": {"exp": 1_700_000_000}}, "protocol_broken"),
        ({"claims": {"email": "no address"}}, "protocol_broken"),
        ({"claims": {"email_verified": False}}, "protocol_broken"),
    ],
)
def test_what_goes_wrong_at_the_exchange_is_kept_and_told(
    people: SignedIn,
    authority: Authority,
    consenting: Account,
    change: dict[str, object],
    code: str,
) -> None:
    for name, value in change.items():
        setattr(authority, name, value)
    key = people.browser().sign_in(people.begin(), consenting.address)
    told = sign_in.status(people.runtime, key)
    assert told.problem is not None
    assert (told.stage, told.problem.code) == (Stage.FAILED, code)
    assert told.problem.facts["host"] == HOST


def test_another_mailbox_than_was_typed(
    people: SignedIn, oauth_dovecot: Dovecot, consenting: Account
) -> None:
    ticket = people.begin(address=consenting.address)
    key = people.browser().sign_in(ticket, oauth_dovecot.mailbox("bea").address)
    with pytest.raises(SignedInAsAnother) as told:
        sign_in.finish(people.runtime, key)
    assert told.value.facts["address"] == consenting.address
    assert watch.overview(people.runtime).empty


def test_a_mailbox_that_does_not_open_is_not_stored_and_tried_again(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    key = people.browser().sign_in(people.begin(), consenting.address)
    authority.expire(consenting.address)
    steps: list[Step] = []
    with pytest.raises(NeedsPermission):
        sign_in.finish(people.runtime, key, steps.append)
    failed = [(s.side, s.name) for s in steps if s.progress is Progress.FAILED]
    assert failed == [("imap", "login")]
    assert watch.overview(people.runtime).empty
    authority.of(consenting.address)[-1].expired = False
    assert sign_in.finish(people.runtime, key)


def test_what_is_wrong_is_told_before_anything_is_stored(
    people: SignedIn, consenting: Account
) -> None:
    with pytest.raises(NotAcknowledged):
        people.begin(acknowledged=False)
    for wrong in ({"address": "no address"}, {"owner": " "}):
        with pytest.raises(BadInput):
            people.begin(**wrong)
    object.__setattr__(people.runtime.settings, "google_client_id", "")
    with pytest.raises(SignInNotSetUp) as told:
        people.begin()
    assert "MALOTE_GOOGLE_CLIENT_ID" in told.value.facts["settings"]
    made = people.connect_by_consent(consenting, method=Method.MICROSOFT)
    owner = people.integration(made).owner
    with pytest.raises(AlreadyIntegrated):
        people.begin(owner.upper(), method=Method.MICROSOFT)


def test_permission_is_given_again_and_history_stays(
    people: SignedIn, authority: Authority, consenting: Account, oauth_dovecot: Dovecot
) -> None:
    with Device(consenting) as phone:
        phone.deliver("INBOX", subject="Before")
    one = people.connect_by_consent(consenting)
    people.sync(one)
    authority.withdraw(consenting.address)
    people.sync(one)
    assert watch.standing(people.runtime, one).state is State.NEEDS_PERMISSION
    key = people.browser().sign_in(
        people.begin(integration_id=one), oauth_dovecot.mailbox("bea").address
    )
    with pytest.raises(AnotherMailbox):
        sign_in.finish(people.runtime, key)
    key = people.browser().sign_in(people.begin(integration_id=one), consenting.address)
    assert sign_in.finish(people.runtime, key) == one
    assert people.sync(one).outcome is Outcome.OK
    people.check(one, consenting)
    assert watch.standing(people.runtime, one).state is State.OK
