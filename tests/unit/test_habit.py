"""What profiles mean for watching."""

from __future__ import annotations

from core.imap.profiles import choose
from core.jobs.habit import bounds, first_bounds


def test_idle_connections_come_beside_the_others():
    dovecot = choose("mail.example.org", greeting="Dovecot ready.")
    assert dovecot.idle_connections == 2
    assert bounds(dovecot).account == dovecot.connections + 2


def test_hosts_that_count_connections_are_not_hammered():
    # INTEROP 37: a limit per address, and starts 1.2 s apart.
    purely = first_bounds("imap.purelymail.com")
    assert (purely.host, purely.gap_s) == (20, 1.2)
    assert first_bounds("imap.example.org").host > 1000
