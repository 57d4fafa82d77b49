"""Mail that is no report, however much some of it looks like one."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reports import bounces, made, notifications, receipts
from tests.reports.letters import LETTERS
from tests.reports.made import Piece, Sample
from tests.reports.servers import SERVERS

PERSON = "Bruno Reis <bruno@destino.example>"
AWAY = (
    (
        "Fora do escritório: Reunião",
        "Estou de férias até o dia 7. Urgências: 11 5555-0101.",
    ),
    (
        "Resposta automática: Reunião",
        "Recebemos a sua mensagem e vamos responder logo.",
    ),
    ("Automatic reply: Reunião", "I am out of the office until Monday."),
    (
        "Ausência temporária",
        "Não trabalho mais na empresa; escreva a rh@destino.example.",
    ),
    (
        "Out of Office",
        "I have left. Mail to bruno@destino.example is not delivered to me.",
    ),
    ("Aviso de férias", "Volto na segunda. A sua mensagem não foi lida por ninguém."),
)
AWAY_FIELDS = (
    "Auto-Submitted: auto-replied\n",
    "Auto-Submitted: auto-replied (vacation)\nReturn-Path: <>\n",
    "X-Autoreply: yes\nPrecedence: auto_reply\nReturn-Path: <>\n",
    "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n",
)
FROM_POSTMASTER = (
    ("Sua caixa postal está quase cheia", "A caixa ana.lima@malote.example usa 95 %."),
    (
        "Quota warning",
        "Your mailbox is above 90 % of its quota.\n\nana.lima@malote.example",
    ),
    ("Quarentena: 3 mensagens", "Mensagens retidas:\n\n  promo@loja.example - Ofertas"),
    ("Report domain: malote.example", "This is a DMARC aggregate report."),
    ("Manutenção no sábado", "O servidor ficará fora do ar das 2h às 4h."),
    ("Delivery reports are now weekly", "From now on, failures are summed up weekly."),
    ("Welcome", "Your new address works: ana.lima@malote.example"),
    (
        "Abuse complaint",
        "We received a complaint about 192.0.2.7.\n\n<ana@malote.example>:\n",
    ),
)
SPAM = (
    (
        "Mail delivery failed",
        "3 messages for {to} could not be delivered. Release them:",
    ),
    (
        "Undelivered Mail",
        "Sua mensagem não pôde ser entregue. Clique para liberar: x.example",
    ),
    ("Failure notice", "Delivery has failed. Confirm your password within 24 hours."),
    ("Mailbox full", "Your mailbox {to} is full: incoming mail is being returned."),
)
NEWS = (
    ("Delivery failed? Seven tips", "What a bounce is, and what 550 5.1.1 means."),
    ("Undeliverable: the film", "In cinemas from Thursday."),
    ("Frete grátis", "Entrega em um dia. A entrega falhou? Devolvemos o dinheiro."),
    ("Status da entrega", "O pedido 8812 não foi entregue: ninguém em casa."),
    ("Returned mail: user unknown", "Read the new novel."),
)


def samples() -> Iterator[Sample]:
    """Write all of them."""
    for number, raw in enumerate(_raw()):
        yield Sample(f"no report {number}", raw)


def _raw() -> Iterator[bytes]:
    yield from _autoreplies()
    yield from _texts()
    yield from _answers()
    yield from _forwarded()
    yield from _structures()


def _simple(head: str, text: str) -> bytes:
    return made.wire(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n")


def _head(sender: str, subject: str, number: int) -> str:
    return made.fields(
        ("From", sender),
        ("To", made.SENDER),
        ("Subject", subject.encode("ascii", "replace").decode()),
        ("Message-ID", f"<other.{number}@destino.example>"),
        ("In-Reply-To", made.story(number).message_id),
    )


def _autoreplies() -> Iterator[bytes]:
    for number, (subject, text) in enumerate(AWAY):
        for n, fields in enumerate(AWAY_FIELDS):
            head = _head(PERSON, subject, 60_000 + 10 * number + n)
            yield _simple(head + fields, text)
    for number, letter in enumerate(LETTERS[:8]):  # one that quotes a bounce
        story = made.story(60_500 + number)
        head = _head(PERSON, "Fora do escritório", story.number) + AWAY_FIELDS[1]
        yield _simple(head, f"Estou fora.\n\n{bounces.text(letter, story)}")


def _texts() -> Iterator[bytes]:
    daemon = "Mail Delivery System <mailer-daemon@malote.example>"
    for number, (subject, text) in enumerate(FROM_POSTMASTER):
        yield _simple(
            _head("postmaster@malote.example", subject, 61_000 + number), text
        )
        yield _simple(_head(daemon, subject, 61_100 + number), text)
    for number, (subject, text) in enumerate(SPAM):
        words = text.format(to=made.SENDER)
        yield _simple(_head(daemon, subject, 61_200 + number), words)
        yield _simple(
            _head("Suporte <aviso@x.example>", subject, 61_300 + number), words
        )
    for number, (subject, text) in enumerate(NEWS):
        yield _simple(_head("Loja <news@loja.example>", subject, 61_400 + number), text)
        listed = _head("postmaster@loja.example", subject, 61_500 + number)
        yield _simple(f"{listed}List-Unsubscribe: <mailto:no@loja.example>\n", text)


def _answers() -> Iterator[bytes]:
    """Answers that quote a bounce, or hold all of its text."""
    for number, letter in enumerate(LETTERS):
        story = made.story(62_000 + number)
        subject = f"Re: {letter.subject.format(**bounces._facts(letter, story))}"
        text = bounces.text(letter, story)
        quoted = "\n".join(f"> {line}" for line in text.split("\n"))
        yield _simple(_head(PERSON, subject, story.number), f"Ana, voltou.\n\n{quoted}")
        machine = _head("postmaster@destino.example", subject, story.number + 100)
        yield _simple(machine, f"Ana, resolvido.\n\n{quoted}")
        yield _simple(_head(PERSON, subject, story.number + 200), text)


def _forwarded() -> Iterator[bytes]:
    """Reports that a person sends on."""
    for number, server in enumerate(SERVERS):
        story = made.story(63_000 + number)
        report = notifications.notification(server, [story])
        pieces = [Piece("text/plain", "Veja isto.\n"), Piece("message/rfc822", report)]
        head = _head(PERSON, "Enc: devolução", story.number)
        yield made.wire(made.multipart(head, "multipart/mixed", pieces, "forward"))
        status = server.about_recipient.format(
            **story.facts | {"action": "failed", "final": story.to, "host": "x.example"}
        )
        pieces[1] = Piece("message/delivery-status", status)
        yield made.wire(made.multipart(head, "multipart/mixed", pieces, "forward"))
    receipt = receipts.receipt(receipts.PROGRAMS[0], made.story(63_500))
    pieces = [Piece("text/plain", "Lida."), Piece("message/rfc822", receipt)]
    head = _head(PERSON, "Enc: lida", 63_501)
    yield made.wire(made.multipart(head, "multipart/mixed", pieces, "forward"))


def _structures() -> Iterator[bytes]:
    """Calendars, complaints (RFC 5965), and reports that say nothing."""
    head = _head(PERSON, "Aceito: Reunião", 64_000)
    calendar = Piece("text/calendar; method=REPLY", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    text = Piece("text/plain", "Bruno aceitou.\n")
    yield made.wire(made.multipart(head, "multipart/alternative", [text, calendar]))
    yield made.wire(head + made.part(calendar))
    complaint = Piece("message/feedback-report", "Feedback-Type: abuse\nVersion: 1\n")
    report = "multipart/report; report-type="
    yield made.wire(made.multipart(head, f"{report}feedback-report", [text, complaint]))
    for status in (
        "",
        "Reporting-MTA: dns; x.example\n",
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x.example\n",
        "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n",
        "Final-Recipient: rfc822; a@x.example\nAction: delivered\nStatus: 5.1.1\n",
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 2.0.0\n",
        "Final-Recipient: rfc822; a@x.example\nAction: pondered\nStatus: 5.0.0\n",
        "Final-Recipient: x400; /c=br/\nAction: failed\nStatus: 5.1.1\n",
        "Final-Recipient: rfc822; a@x.example\nStatus: 4.2.2\n",
    ):
        pieces = [text, Piece("message/delivery-status", status)]
        yield made.wire(made.multipart(head, f"{report}delivery-status", pieces))
    for fields in ("", "Final-Recipient: rfc822; a@x.example\n", "Disposition: \n"):
        pieces = [text, Piece("message/disposition-notification", fields)]
        yield made.wire(
            made.multipart(head, f"{report}disposition-notification", pieces)
        )
