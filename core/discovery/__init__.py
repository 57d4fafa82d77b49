"""Find the mail servers of an address: catalogue, DNS, published settings, guesses.

Only the domain is ever sent to anybody, and never a password (THREATS T19). `at_once`
asks nobody, `by_dns` asks DNS, `widely` asks everybody, after the person wished so.
"""

from core.discovery.ask import at_once, by_dns, widely
from core.discovery.found import Asked, Candidate, Found, Source
from core.discovery.logins import login_for

__all__ = [
    "Asked",
    "Candidate",
    "Found",
    "Source",
    "at_once",
    "by_dns",
    "login_for",
    "widely",
]
