"""What mail servers write above the addresses that they report on. Pure.

In texts without case and accents (`core.text.fold`), with single spaces. English as the
servers have it, Portuguese as Exchange, Gmail and the templates of Brazilian hosters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.outgoing import Step
from core.reports.addresses import ADDRESS

SOME = r"(?:seguintes?|seguinte\(s\)|abaixo|a seguir|est[ea]s|um ou mais)"
WHOM = r"(?:destinatari|enderec|grupo|lista)"
NOT_DELIVERED = (
    r"(?:nao (?:foi possivel|conseguimos|consegui|pude) entregar|nao pode ser entregue"
    r"|nao foi entregue|nao alcancou|nao chegou|falha (?:permanente )?na entrega)"
)
LATE = r"(?:esta atrasad|foi adiad|sofreu atraso)"

DELAYED = (
    r"has not yet been delivered to",  # Exim
    r"address(?:es)? to which the message has not yet been delivered",
    r"your message could not be delivered for",  # Postfix
    r"addresses had transient non-fatal errors",  # sendmail
    r"delivery to the following recipients? has been delayed",  # Gmail, IIS
    r"delivery to these recipients or [a-z ]{6,20} (?:is|has been) delayed",  # Exchange
    r"undeliverable for [^.]{1,40} to the following recipients",  # Oracle
    rf"ainda nao (?:foi|pode ser) entregue .{{0,80}}{WHOM}",
    rf"entrega .{{0,60}}{SOME}.{{0,20}}{WHOM}.{{0,40}}{LATE}",
    r"sua mensagem nao pode ser entregue (?:ha|por) mais de",
)
FAILED = (
    r"the following address(?:\(es\)|es)? (?:have )?failed",  # Exim
    # Exim, Postfix, Zoho
    r"not be delivered to (?:one or more|the following) (?:of its )?(?:rec|add|des)",
    r"(?:wasn't|was not) able to deliver (?:your|the following) message",  # qmail
    r"mail was not delivered to the following address",
    r"recipients did not receive your message",  # Netscape
    r"to the following recipients was aborted",
    r"addresses had permanent (?:fatal|delivery) errors",  # sendmail
    r"delivery to the following recipients? (?:has )?failed",  # Gmail, IIS
    r"did not reach the following recipient",  # Exchange 5.5
    r"did not reach some or all of the intended recipients",
    r"following recipient\(s\) (?:could not|cannot) be reached",
    r"delivery has failed to these recipients or (?:groups|distribution lists)",
    r"unable to deliver (?:your |the )?message to the following address",  # Yahoo
    r"your message cannot be delivered to the following recipients",  # Oracle
    r"your message to the following recipients cannot be delivered",  # Courier
    r"was not delivered to:",  # Domino
    r"error occurred while trying to deliver the mail to the following",  # SES
    r"find a list of the affected recipients",  # PowerMTA, Momentum
    r"message could not be delivered to some recipients",  # MailEnable
    r"addresses did not receive a copy of your message",  # MDaemon
    rf"{NOT_DELIVERED}.{{0,80}}{SOME}.{{0,30}}{WHOM}",
    rf"entrega .{{0,40}}{SOME}.{{0,30}}{WHOM}.{{0,40}}falhou",
    rf"a entrega falhou para {SOME} {WHOM}",
    rf"{SOME} {WHOM}\S{{0,8}} (?:falhou|falharam|nao receb[a-z]{{2,6}})",
)
RELAYED = (
    r"successfully relayed to the following recipients",  # IIS
    r"is complete, but no delivery notification was sent",  # Exchange
    r"esta concluida, mas nenhuma notificacao de entrega foi enviada",
)
DELIVERED = (
    r"has been (?:successfully )?delivered to the following recipient",
    r"foi entregue (?:com sucesso )?aos? seguintes? destinatari",
)
# In this order: a delay is often told with words that a failure has, too.
STEPS = (
    (Step.DELAYED, re.compile("|".join(DELAYED))),
    (Step.RELAYED, re.compile("|".join(RELAYED))),
    (Step.DELIVERED, re.compile("|".join(DELIVERED))),
    (Step.FAILED, re.compile("|".join(FAILED))),
)
# Gmail and Exchange Online name the recipient within a sentence; in lower case.
NAMED = re.compile(
    rf"your message to [\"'<]?({ADDRESS})[\"'>]? (?:couldn't|wasn't|could not) be"
    rf"|your message wasn't delivered to ({ADDRESS}) because"
    rf"|sua mensagem para [\"'<]?({ADDRESS})[\"'>]? não (?:pôde|pode) ser entregue"
    rf"|sua mensagem não foi entregue (?:a|para) ({ADDRESS}) porque"
)
GIVEN_UP = re.compile(r"will not continue trying|unrecoverable error|giving up on")
# A whole message about waiting says so once, at its top (sendmail, Postfix) or its end.
ONLY_A_WARNING = re.compile(
    r"this is a warning (?:message )?only|isto e apenas um aviso"
    r"|(?:attempts|server|system|we) will continue|continuara tentando"
)


def step_of(folded: str) -> Step | None:
    """Tell what the words above a list of addresses say of them; None: nothing."""
    return next(_found(folded), None)


def named(lowered: str) -> str:
    """Give the recipient whom a sentence names as one who was not reached; or empty."""
    found = NAMED.search(lowered)
    return next((one for one in found.groups() if one), "") if found else ""


def _found(folded: str) -> Iterator[Step]:
    return (step for step, words in STEPS if words.search(folded))
