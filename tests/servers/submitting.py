"""Scripts of submission servers that answer as told, for scripted.serve."""

from __future__ import annotations

from collections.abc import Sequence

from tests.servers.steps import Answer, Send, Step, Table

READY_TO_SEND = Send(b"220 mail.example.org ESMTP\r\n")


def greeted(*hello: bytes, **answers: bytes) -> Sequence[Step]:
    """Greet, answer EHLO with these lines, and other commands as told."""
    table: Table = {rb"EHLO": [b"250-mail.example.org", *hello]}
    table |= {word.encode(): [line] for word, line in answers.items()}
    otherwise = b"502 not in the script"
    return [READY_TO_SEND, Answer(table, otherwise, tagged=False)]


def sending(login: bytes) -> Sequence[Step]:
    """Offer AUTH PLAIN, and answer a login with this line."""
    return greeted(
        b"250-SIZE 1000", b"250 AUTH PLAIN LOGIN", AUTH=login, QUIT=b"221 bye"
    )
