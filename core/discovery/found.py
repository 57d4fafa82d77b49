"""What discovery finds, and which of it comes first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import DnsSilent, HostUnknown, MailError, Unreachable
from core.model import Method, Server
from core.providers import Catalogue, Provider, UserName

FOUND, NOTHING = "found", "nothing"
NOWHERE = Server("", 465)  # nobody said where; a form can show it


class Source(StrEnum):
    """Who says so, most to be trusted first.

    The catalogue was checked by people. The MX record is the domain's own word on who
    keeps its mail, and the servers are again the catalogue's. What the domain itself
    publishes over https comes from its owner for certain, and tells the form of the
    user name; SRV records say less, and DNS is not signed. The public database is kept
    by others and may be out of date, but people looked at it. A guess that answered
    shows that a server is there, not that this mailbox is on it.
    """

    CATALOGUE = "catalogue"
    MX = "mx"
    AUTOCONFIG = "autoconfig"
    WELL_KNOWN = "well_known"
    SRV = "srv"
    DATABASE = "database"
    GUESS = "guess"


RANK = {source: rank for rank, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two servers that may hold the mailbox, and who says so.

    `smtp` has no host where nobody told one. `verified`: both were seen to answer over
    TLS. `elsewhere`: only unsigned DNS says so, and leads out of the domain; the person
    is to be asked (RFC 6186 §6).
    """

    source: Source
    imap: Server
    smtp: Server
    user_name: UserName = UserName.UNKNOWN
    provider: str = ""
    name: str = ""
    verified: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a host, name or URL; "found", "nothing" or the code of an error."""

    what: str
    source: Source
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a domain; candidates come best first.

    `provider` is an id of the catalogue. With one and no candidates, mailboxes there
    cannot be reached by IMAP.

    `method` only says GOOGLE or MICROSOFT, where the mailbox is there. `takes_mail` is
    false where the domain says that it has no mailboxes (RFC 7505).
    """

    domain: str
    method: Method | None = None
    provider: str = ""
    candidates: tuple[Candidate, ...] = ()
    asked: tuple[Asked, ...] = ()
    takes_mail: bool = True


OnAsked = Callable[[Asked], None]


def outcome_of(error: MailError) -> str:
    """Give what is told of a failure: the same for refused, closed, filtered (T19)."""
    of_dns = isinstance(error, (HostUnknown, DnsSilent))
    hidden = isinstance(error, Unreachable) and not of_dns
    return Unreachable.code if hidden else error.code


def of_provider(provider: Provider | None, source: Source) -> list[Candidate]:
    """Give the servers of a provider of the catalogue; some offer no IMAP at all."""
    if provider is None or provider.imap is None:
        return []
    found = Candidate(
        source,
        provider.imap,
        provider.smtp or NOWHERE,
        provider.user_name,
        provider.id,
        provider.name,
    )
    return [found]


def concluded(
    domain: str,
    candidates: Iterable[Candidate],
    asked: Sequence[Asked],
    catalogue: Catalogue,
    provider: Provider | None = None,
) -> Found:
    """Rank, complete and recognise candidates.

    `provider` is whose the domain or its MX is; else the best candidate tells.
    """
    best = ranked(recognised(one, catalogue) for one in candidates)
    if provider is None and best:
        provider = catalogue.by_id(best[0].provider)
    if provider is None:
        return Found(domain, candidates=best, asked=tuple(asked))
    method = None if provider.method is Method.IMAP else provider.method
    return Found(domain, method, provider.id, best, tuple(asked))


def recognised(candidate: Candidate, catalogue: Catalogue) -> Candidate:
    """Name the provider of the catalogue to whose servers a candidate leads."""
    provider = catalogue.of_host(candidate.imap.host)
    if candidate.provider or provider is None:
        return candidate
    known = candidate.user_name
    return replace(
        candidate,
        provider=provider.id,
        name=provider.name,
        user_name=provider.user_name if known is UserName.UNKNOWN else known,
    )


def ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Put the best first, with what others know of the same servers; no doubles."""
    ordered = sorted(candidates, key=lambda one: RANK[one.source])
    whole: dict[tuple[Server, Server], Candidate] = {}
    for one in (_completed(one, ordered) for one in ordered):
        if one.imap == NOWHERE:
            continue
        servers = (one.imap, one.smtp)
        known = whole.get(servers)
        whole[servers] = _merged(known, one) if known else one
    return tuple(whole.values())


def _completed(half: Candidate, ordered: Sequence[Candidate]) -> Candidate:
    """Take the missing outgoing server from the best who knows one."""
    if half.smtp != NOWHERE:
        return half
    known = next((one for one in ordered if one.smtp != NOWHERE), None)
    if known is None:
        return half
    return replace(
        half,
        smtp=known.smtp,
        verified=half.verified and known.verified,
        elsewhere=half.elsewhere or known.elsewhere,
    )


def _merged(best: Candidate, other: Candidate) -> Candidate:
    unknown = best.user_name is UserName.UNKNOWN
    return replace(
        best,
        user_name=other.user_name if unknown else best.user_name,
        verified=best.verified or other.verified,
        elsewhere=best.elsewhere and other.elsewhere,
    )
