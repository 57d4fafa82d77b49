"""How many wrong passwords may be sent: five in ten minutes to a host.

Five for an owner, and five for a login: an owner is only what somebody typed.

Providers lock accounts, and bans fall on everybody behind one address (THREATS T20,
INTEROP 47). Kept in the database: every page and every command counts together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.errors import AppPasswordNeeded, TooManyAttempts, WrongPassword
from core.runtime import Runtime
from core.store import refused_logins, runs
from core.store.engine import reading, writing
from core.store.refused_logins import Who

MOST = 5
WINDOW = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


def minutes_left(refused: Collection[datetime], now: datetime) -> int:
    """Tell how many minutes to wait after these refusals, oldest first; 0: none. Pure.

    As soon as the oldest of the last five is ten minutes old, one more may be tried.
    """
    lately = sorted(at for at in refused if at > now - WINDOW)[-MOST:]
    if len(lately) < MOST:
        return 0
    return max(1, -(-(lately[0] + WINDOW - now) // MINUTE))


@dataclass(frozen=True, slots=True)
class Attempts:
    """The logins that somebody tries, and who acts."""

    runtime: Runtime
    who: Who
    actor: str

    def check(self, *hosts: str) -> None:
        """See that no host has refused too often.

        Raises:
            TooManyAttempts: nothing may be sent now.

        """
        with reading(self.runtime.engine) as conn:
            for host in hosts:
                self._check(conn, host, self.runtime.clock())

    @contextmanager
    def login(self, host: str) -> Iterator[None]:
        """Count a login that is tried inside, from before it is sent.

        Raises:
            TooManyAttempts: it must not be sent.

        """
        row_id = self._begin(host)
        try:
            yield
        except (WrongPassword, AppPasswordNeeded):
            self._tell_limit(host)
            raise
        except BaseException:
            with writing(self.runtime.engine) as conn:
                refused_logins.remove(conn, row_id)
            raise
        with writing(self.runtime.engine) as conn:
            refused_logins.clear(conn, self.who.login, host)

    def _begin(self, host: str) -> int:
        # Counted as refused until it is not: else many at the same moment would pass.
        now = self.runtime.clock()
        with writing(self.runtime.engine) as conn:
            refused_logins.alone(conn, host)
            refused_logins.forget_before(conn, now - WINDOW)
            self._check(conn, host, now)
            return refused_logins.add(conn, self.who, host, now)

    def _check(self, conn: Connection, host: str, now: datetime) -> None:
        if wait := self._wait(conn, host, now):
            raise TooManyAttempts(host=host, minutes=wait)

    def _wait(self, conn: Connection, host: str, now: datetime) -> int:
        """Give the longer of both waits, in minutes: the owner's and the login's."""
        refused = refused_logins.times(conn, self.who, host, now - WINDOW)
        return max(minutes_left(times, now) for times in refused)

    def _tell_limit(self, host: str) -> None:
        """Write into the audit log that no more may be tried for a while."""
        now = self.runtime.clock()
        with writing(self.runtime.engine) as conn:
            if self._wait(conn, host, now):
                owner, act = self.who.owner, "login_limit"
                runs.record(conn, act, self.actor, now, owner=owner, host=host)
