"""Who is asked for the servers of an address, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core import names
from core.deadline import Deadline
from core.discovery import autoconfig, guesses, pages, records
from core.discovery.domains import domain_of, registered
from core.discovery.found import (
    Asked,
    Candidate,
    Found,
    OnAsked,
    Source,
    concluded,
    of_provider,
)
from core.discovery.questions import Question, answers
from core.errors import BadInput, HostUnknown
from core.model import Method
from core.names import Dns, Service
from core.network import Policy
from core.providers import catalogue

HTTPS = 443
Services = tuple[Service, ...]


def at_once(address: str) -> Found | None:
    """Look an address up in the catalogue; nobody is asked.

    Nothing where it is not there, or is no address (yet: this is for while one types).
    """
    try:
        domain = domain_of(address)
    except BadInput:
        return None
    provider = catalogue().of_domain(domain)
    if provider is None:
        return None
    known = of_provider(provider, Source.CATALOGUE)
    return concluded(domain, known, (), catalogue(), provider)


def by_dns(address: str, policy: Policy) -> Found:
    """Ask DNS for the MX and SRV records of an address's domain, and nobody else.

    Raises:
        BadInput: this is no address.

    """
    return _Search(domain_of(address), policy, _ignored).dns().found()


def widely(address: str, policy: Policy, on_asked: OnAsked | None = None) -> Found:
    """Ask DNS, the domain itself and the public database, and try the usual hosts.

    Raises:
        BadInput: this is no address.

    """
    search = _Search(domain_of(address), policy, on_asked or _ignored).dns()
    if search.is_over():
        return search.found()
    return search.pages_and_hosts().found()


def _ignored(_asked: Asked) -> None:
    """Tell nobody."""


class _Search:
    """What has been asked so far for one domain, and what came of it."""

    def __init__(self, domain: str, policy: Policy, on_asked: OnAsked) -> None:
        self.domain, self.policy = domain, policy
        self.until = Deadline.after(policy.places.whole_s)
        self._on_asked = on_asked
        self.asked: list[Asked] = []
        self.provider = catalogue().of_domain(domain)
        self.candidates = of_provider(self.provider, Source.CATALOGUE)
        self.exchangers: Services = ()
        self.services: dict[str, Services] = {}
        self.exists = True

    def found(self) -> Found:
        """Give the conclusion so far."""
        if not records.takes_mail(self.exchangers):
            return Found(self.domain, asked=tuple(self.asked), takes_mail=False)
        provider = self.provider
        without_imap = provider is not None and provider.imap is None
        found = () if without_imap else self.candidates
        return concluded(self.domain, found, self.asked, catalogue(), provider)

    def is_over(self) -> bool:
        """Tell whether nobody else needs to be asked.

        The domain does not exist or takes no mail; or its provider has a button of its
        own, or no IMAP.
        """
        if not self.exists or not records.takes_mail(self.exchangers):
            return True
        provider = self.provider
        return provider is not None and (
            provider.method is not Method.IMAP or provider.imap is None
        )

    def dns(self) -> _Search:
        """Ask for MX and SRV."""
        limit = min(self.policy.places.request_s, self.policy.connect_timeout_s)
        at = Dns(self.policy.dns_server, limit)
        questions = [Question(self.domain, Source.MX, lambda: self._mx(at))]
        for service in records.SERVICES:
            name = f"{service}.{self.domain}"
            put = partial(names.services, name, at)
            questions.append(Question(name, Source.SRV, put))
        mx, *told = answers(questions, self.until, self._note)
        self.exchangers = mx or ()
        self.services = {
            service: found or ()
            for service, found in zip(records.SERVICES, told, strict=True)
        }
        self.candidates += self._of_records()
        return self

    def pages_and_hosts(self) -> _Search:
        """Ask for published settings, and try the usual hosts."""
        questions = [*self._page_questions(), *self._guess_questions()]
        told = answers(questions, self.until, self._note)
        given = [one for one in told if one]
        self.candidates += [one for one in given if one.source is not Source.GUESS]
        self.candidates += guesses.joined(
            [one for one in given if one.source is Source.GUESS]
        )
        return self

    def _mx(self, at: Dns) -> Services | None:
        try:
            return names.exchangers(self.domain, at)
        except HostUnknown:
            self.exists = False
            raise

    def _of_records(self) -> list[Candidate]:
        provider = catalogue().of_mx(records.mail_hosts(self.exchangers))
        self.provider = self.provider or provider
        srv = records.of_services(self.domain, self.services, self.policy)
        found = of_provider(provider, Source.MX)
        return [*found, srv] if srv else found

    def _page_questions(self) -> list[Question[Candidate]]:
        places, domain = self.policy.places, self.domain
        port = "" if places.https_port == HTTPS else f":{places.https_port}"
        own = f"https://autoconfig.{domain}{port}/mail/config-v1.1.xml"
        known = f"https://{domain}{port}/.well-known/autoconfig/mail/config-v1.1.xml"
        questions = [
            self._page(own, Source.AUTOCONFIG),
            self._page(known, Source.WELL_KNOWN),
        ]
        if places.database:
            questions += [
                self._page(places.database + name, Source.DATABASE)
                for name in self._names_for_the_database()
            ]
        return questions

    def _names_for_the_database(self) -> Sequence[str]:
        """Give the domain, and that of the host that takes its mail."""
        exchangers = records.mail_hosts(self.exchangers)[:1]
        others = [registered(host) for host in exchangers]
        return list(dict.fromkeys([self.domain, *others]))

    def _page(self, url: str, source: Source) -> Question[Candidate]:
        return Question(url, source, partial(self._read, url, source))

    def _read(self, url: str, source: Source) -> Candidate | None:
        until = self._request()
        try:
            page = pages.fetched(url, self.policy, until)
        except HostUnknown:  # most domains publish nothing
            return None
        if page is None:
            return None
        return autoconfig.read(page, self.domain, source, self.policy)

    def _guess_questions(self) -> list[Question[Candidate]]:
        if records.has_no_imap(self.services):
            return []
        return [
            Question(host, Source.GUESS, partial(self._guess, try_out, host))
            for try_out, prefixes in (
                (guesses.imap, guesses.IMAP_HOSTS),
                (guesses.submission, guesses.SMTP_HOSTS),
            )
            for host in (f"{prefix}.{self.domain}" for prefix in prefixes)
        ]

    def _guess(self, try_out: guesses.Try, host: str) -> Candidate | None:
        return try_out(host, self.policy, self._request())

    def _request(self) -> Deadline:
        """Give the time limit of one question."""
        return Deadline.after(min(self.policy.places.request_s, self.until.left()))

    def _note(self, asked: Asked) -> None:
        self.asked.append(asked)
        self._on_asked(asked)
