"""Access tokens over time: refreshed, refused, withdrawn, given back."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.responses import Response

from core import watch
from core.connect import disconnect
from core.errors import (
    NeedsPermission,
    NotFound,
    ServerUnavailable,
)
from core.imap import greeting, login as letting_in, opening
from core.imap.features import features_of
from core.jobs.embedded import Worker, syncer
from core.model import Outcome, State, Trigger
from core.oauth.tokens import Ending
from core.secret import AccessToken, Secret
from core.store import credentials
from core.store.engine import reading
from core.sync.access import ACCESS, REFRESH, Access
from core.sync.look import Looks
from tests.servers.authority import Authority
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.signing_in import SignedIn

pytestmark = pytest.mark.server


def access(people: SignedIn) -> Access:
    return people.runtime.access()


def refreshed(authority: Authority, account: Account) -> int:
    """Count the access tokens that were given after the consent."""
    return len(authority.of(account.address)) - 1


def test_a_token_is_refreshed_before_it_expires(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    authority.lives_s = 299
    one = people.connect_by_consent(consenting)
    authority.lives_s = 3600
    for _ in range(2):
        assert people.sync(one).outcome is Outcome.OK
    assert refreshed(authority, consenting) == 1
    clock = people.runtime.clock
    late = clock() + timedelta(minutes=56)
    object.__setattr__(people.runtime, "clock", lambda: late)
    assert people.sync(one).outcome is Outcome.OK
    assert refreshed(authority, consenting) == 2


def test_a_token_that_is_refused_early_is_refreshed_once(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    authority.expire(consenting.address)
    assert people.sync(one).outcome is Outcome.OK
    assert refreshed(authority, consenting) == 1
    people.sync(one)
    assert refreshed(authority, consenting) == 1


def test_what_was_withdrawn_needs_permission_and_is_not_asked_for_again(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    authority.withdraw(consenting.address)
    report = people.sync(one)
    assert isinstance(report.error, NeedsPermission)
    stands = watch.standing(people.runtime, one)
    assert stands.state is State.NEEDS_PERMISSION
    assert stands.next_at is None
    assert stands.problem is not None
    assert stands.problem.code == "needs_permission"
    secret = authority.of(consenting.address)[0].refresh_token
    assert secret not in str(stands) + str(report.error.facts) + report.error.detail


def test_a_fresh_token_that_is_refused_too_ends_the_trying(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    authority.lives_s = -1  # dead on arrival
    authority.expire(consenting.address)
    assert isinstance(people.sync(one).error, NeedsPermission)
    assert refreshed(authority, consenting) == 1


def test_a_provider_in_trouble_is_waited_for(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    authority.lives_s = 200
    one = people.connect_by_consent(consenting)
    authority.trouble = Response("<html>", 503)
    assert people.sync(one).outcome is Outcome.OK  # it will do for now
    late = people.runtime.clock() + timedelta(minutes=5)
    object.__setattr__(people.runtime, "clock", lambda: late)
    report = people.sync(one)
    assert isinstance(report.error, ServerUnavailable)
    stands = watch.standing(people.runtime, one)
    assert (stands.state, stands.next_at is None) == (State.RETRYING, False)


def test_an_application_whose_secret_expired_takes_nobodys_permission(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    authority.expire(consenting.address)
    right, authority.client.secret = authority.client.secret, "another"
    people.sync(one)
    assert watch.standing(people.runtime, one).state is State.RETRYING
    authority.client.secret = right
    assert people.sync(one).outcome is Outcome.OK


@pytest.mark.parametrize("rotates", [False, True])
@pytest.mark.parametrize("processes", [False, True])
def test_many_at_once_refresh_once_and_all_get_in(
    people: SignedIn,
    authority: Authority,
    consenting: Account,
    rotates: bool,
    processes: bool,
) -> None:
    """`processes`: each has locks of its own, so that only the store decides."""
    integration = people.integration(people.connect_by_consent(consenting))
    authority.expire(consenting.address)
    authority.rotates = rotates
    shared = access(people)
    old = shared.secret(integration)
    barrier = threading.Barrier(4)
    given: list[str] = []

    def attempt(secret: Secret) -> str:
        if not authority.active(secret.reveal()):
            raise NeedsPermission
        return secret.reveal()

    def enter() -> None:
        mine = access(people) if processes else shared
        barrier.wait()
        given.append(mine.let_in(integration, attempt))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 4
    assert old.reveal() not in given
    if not processes:
        assert refreshed(authority, consenting) == 1
    assert people.sync(integration.id).outcome is Outcome.OK  # the kept pair works
    authority.expire(consenting.address)
    assert people.sync(integration.id).outcome is Outcome.OK


def test_a_look_at_many_mailboxes_includes_those_without_a_password(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    people.sync(one)
    looks = Looks(syncer(people.runtime, "test:0:0"))
    looks.prepare([one])
    assert one in looks._known
    authority.expire(consenting.address)
    report = looks.sync(one, Trigger.SCHEDULE)
    assert (report.outcome, report.folders) == (Outcome.OK, [])
    assert looks.unwritten() == {one}


def test_the_worker_watches_by_access_tokens(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting)
    people.sync(one)
    authority.expire(consenting.address)
    worker = Worker(people.runtime)
    watched, proved = threading.Event(), worker._watching.proved

    def tell(mailbox: int) -> None:
        proved(mailbox)
        watched.set()

    worker._watching.proved = tell  # type: ignore[method-assign]  # to wait for it
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert watched.wait(20)
        assert worker.watched() == {one}
    finally:
        worker.stop()
        thread.join()
    with Device(consenting) as phone:
        phone.deliver("INBOX", subject="Later")
    people.sync(one)
    people.check(one, consenting)


def test_a_disconnection_gives_the_permission_back(
    people: SignedIn, authority: Authority, consenting: Account
) -> None:
    integration = people.integration(people.connect_by_consent(consenting))
    mine = access(people)
    refresh = mine.refresh_token(integration)
    assert refresh is not None
    disconnect(people.runtime, integration.id, "test")
    assert mine.revoke(integration, refresh) is Ending.ENDED
    assert authority.revoked[-1:] == [refresh.reveal()]
    assert all(token.revoked for token in authority.of(consenting.address))
    assert mine.revoke(integration, refresh) is Ending.ENDED  # it is over anyhow
    for field in (ACCESS, REFRESH):
        with pytest.raises(NotFound), reading(people.runtime.engine) as conn:
            credentials.credential_of(conn, integration.id, field)


def test_a_disconnection_does_not_wait_for_a_provider_that_is_away(
    people: SignedIn, consenting: Account
) -> None:
    integration = people.integration(people.connect_by_consent(consenting))
    mine = access(people)
    refresh = mine.refresh_token(integration)
    assert refresh is not None
    closed = replace(
        mine, policy=lambda: replace(people.runtime.policy(), allow_hosts=frozenset())
    )
    assert closed.revoke(integration, refresh) is Ending.NOT_REACHED
    object.__setattr__(people.runtime.settings, "google_client_id", "")
    assert mine.revoke(integration, refresh) is Ending.NOT_REACHED
    disconnect(people.runtime, integration.id, "test")
    assert mine.refresh_token(integration) is None


@pytest.mark.parametrize("mechanism", ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"])
@pytest.mark.parametrize("more", ["SASL-IR", ""])
def test_dovecot_by_each_mechanism(
    people: SignedIn,
    authority: Authority,
    consenting: Account,
    mechanism: str,
    more: str,
) -> None:
    people.connect_by_consent(consenting)
    able = features_of((mechanism.encode(), more.encode()))
    token = authority.of(consenting.address)[-1]
    server, login = consenting.imap, consenting.address

    def enter(secret: AccessToken) -> list[bytes]:
        client = greeting.connected(server, people.runtime.policy())
        try:
            return letting_in.authenticate(client, server, able, login, secret)
        finally:
            opening.close(client)

    assert b" OK " in enter(AccessToken(token.access_token))[-1]
    for wrong in ("no-such-token", "x" * 3000):
        with pytest.raises(NeedsPermission) as told:
            enter(AccessToken(wrong))
        assert told.value.facts["certain"] == "yes"
        assert told.value.facts["server_says"]
