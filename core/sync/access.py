"""The secret that opens a mailbox: a password, or an access token that is kept fresh.

Tokens are refreshed before they expire, and once more when a server refuses one that
should be good. One refresh at a time for each integration in a process. Between
processes the store decides: what was refreshed is written only over what it came from,
and who comes second takes what the first has written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine

from core import log
from core.clock import Clock, now as this_moment
from core.errors import (
    KeyWrong,
    MailError,
    NeedsPermission,
    NotFound,
    ProtocolBroken,
    Unreachable,
)
from core.keyed import Keyed
from core.model import Integration, Method
from core.network import Policy
from core.oauth.grants import application_of, grant_of
from core.oauth.tokens import Authority, Ending, Tokens
from core.secret import AccessToken, Secret
from core.settings import Settings
from core.store import credentials
from core.store.engine import reading, writing
from core.sync.recordings import Recordings
from core.vault import Vault

# The credential that each method logs in with, and what gives another access token.
PASSWORD, ACCESS, REFRESH = "password", "access", "refresh"
FIELDS = {Method.IMAP: PASSWORD, Method.GOOGLE: ACCESS, Method.MICROSOFT: ACCESS}
EARLY = timedelta(minutes=5)
PAUSES_S = (0.0, 0.2, 0.8, 2.0, 4.0)  # for another process to write what it was given
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Stored:
    """An access token as it is kept, and the sealed value that it was read from."""

    token: AccessToken
    expires_at: datetime
    sealed: bytes


def as_credentials(tokens: Tokens) -> Mapping[str, Secret]:
    """Give the fields that are sealed and stored for an integration."""
    kept = {
        "token": tokens.access.reveal(),
        "expires_at": tokens.expires_at.timestamp(),
    }
    return {ACCESS: Secret(json.dumps(kept)), REFRESH: tokens.refresh}


@dataclass(frozen=True, slots=True)
class Access:
    """Gives the secrets of integrations. May be used from many threads."""

    engine: Engine
    vault: Vault
    settings: Settings
    policy: Callable[[], Policy]
    clock: Clock = this_moment
    recordings: Recordings = field(init=False, repr=False)
    _turns: Keyed = field(default_factory=Keyed, repr=False)

    def __post_init__(self) -> None:
        """Share one queue of what is recorded."""
        object.__setattr__(self, "recordings", Recordings(self.engine, self.clock))

    def secret(self, integration: Integration, sealed: bytes | None = None) -> Secret:
        """Give a password, or an access token with some minutes to live.

        `sealed`: the integration's credential (`FIELDS`), if it was read before.

        Raises:
            NotFound: there is none.
            NeedsPermission: the provider gives no more access tokens.
            Unreachable, …: the provider could not be asked for one.

        """
        if integration.method is Method.IMAP:
            sealed = sealed or self._read(integration.id, PASSWORD)
            return self.vault.open(sealed, integration.id, PASSWORD)
        stored = self._stored(integration.id, sealed)
        if stored.expires_at - self.clock() > EARLY:
            return stored.token
        try:
            return self._renewed(integration, stored.token)
        except (Unreachable, ProtocolBroken):
            if stored.expires_at > self.clock():  # it will do for now
                return stored.token
            raise

    def let_in(
        self,
        integration: Integration,
        attempt: Callable[[Secret], T],
        sealed: bytes | None = None,
    ) -> T:
        """Do what needs the secret; with a fresh token once more if one is refused.

        Raises:
            NeedsPermission: the fresh one was refused, too, or there is none.

        """
        secret = self.secret(integration, sealed)
        try:
            return attempt(secret)
        except NeedsPermission:
            if not isinstance(secret, AccessToken):
                raise
            return attempt(self._renewed(integration, secret))

    def refresh_token(self, integration: Integration) -> Secret | None:
        """Give what `revoke` needs, to be asked for before credentials are deleted.

        Nothing for a mailbox with a password, or where it cannot be read any more.
        """
        if integration.method is Method.IMAP:
            return None
        try:
            sealed = self._read(integration.id, REFRESH)
            return self.vault.open(sealed, integration.id, REFRESH)
        except (NotFound, KeyWrong):
            return None

    def revoke(self, integration: Integration, refresh: Secret) -> Ending:
        """Give the permission back to the provider; takes seconds, and raises nothing.

        Not after signing in again: Google ends every permission of the mailbox, and so
        the new one, too.
        """
        try:
            ending = self._authority(integration).revoke(refresh)
        except MailError:  # a setting that was there is gone
            ending = Ending.NOT_REACHED
        log.logger().info("permission", integration=integration.id, became=str(ending))
        return ending

    def _renewed(self, integration: Integration, old: AccessToken) -> AccessToken:
        """Refresh, unless another thread or process has done so since `old` was."""
        with self._turns.held(integration.id):
            # Both at one moment: the refresh token that another process has written
            # meanwhile must not be spent for an access token that it replaces.
            with reading(self.engine) as conn:
                access = credentials.credential_of(conn, integration.id, ACCESS)
                sealed = credentials.credential_of(conn, integration.id, REFRESH)
            stored = self._stored(integration.id, access)
            if stored.token != old:
                return stored.token
            refresh = self.vault.open(sealed, integration.id, REFRESH)
            try:
                tokens = self._authority(integration).refresh(refresh)
            except NeedsPermission:
                if fresh := self._of_another(integration.id, old):
                    return fresh
                raise
            return self._keep(integration.id, stored, tokens)

    def _of_another(self, one: int, old: AccessToken) -> AccessToken | None:
        """Give what another process refreshed meanwhile, if one did.

        Where a refresh token is good for one time, a refusal may only mean that the
        other process has its answer, and is about to write it down.
        """
        for pause_s in PAUSES_S:
            time.sleep(pause_s)
            now = self._stored(one)
            if now.token != old:
                return now.token
        return None

    def _keep(self, one: int, before: _Stored, tokens: Tokens) -> AccessToken:
        fresh = as_credentials(tokens)
        sealed = {name: self.vault.seal(s, one, name) for name, s in fresh.items()}
        key = self.vault.key_id
        with writing(self.engine) as conn:
            first = credentials.swap_credential(
                conn, one, ACCESS, before.sealed, key, sealed[ACCESS]
            )
            if first:
                credentials.put_credential(conn, one, REFRESH, key, sealed[REFRESH])
        return tokens.access if first else self._stored(one).token

    def _stored(self, one: int, sealed: bytes | None = None) -> _Stored:
        sealed = sealed or self._read(one, ACCESS)
        kept = json.loads(self.vault.open(sealed, one, ACCESS).reveal())
        expires_at = datetime.fromtimestamp(kept["expires_at"], self.clock().tzinfo)
        return _Stored(AccessToken(kept["token"]), expires_at, sealed)

    def _read(self, one: int, name: str) -> bytes:
        with reading(self.engine) as conn:
            return credentials.credential_of(conn, one, name)

    def _authority(self, integration: Integration) -> Authority:
        method = integration.method
        grant = grant_of(self.settings, method)
        application = application_of(self.settings, method)
        return Authority(grant, application, self.policy(), self.clock)
