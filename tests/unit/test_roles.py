"""What folders are for, in the names that servers give them."""

import pytest

from core.imap.roles import assign, by_attributes, by_name
from core.model import Listed, Role


@pytest.mark.parametrize(
    ("title", "delimiter", "role"),
    [
        ("INBOX", "/", Role.INBOX),
        ("Inbox", ".", Role.INBOX),
        ("Enviados", "/", Role.SENT),
        ("INBOX.enviadas", ".", Role.SENT),
        ("Itens Enviados", "/", Role.SENT),
        ("[Gmail]/E-mails enviados", "/", Role.SENT),
        ("Itens Excluídos", "/", Role.TRASH),
        ("INBOX.Lixo", ".", Role.TRASH),
        ("Lixo Eletrônico", "/", Role.JUNK),
        ("Spam", "/", Role.JUNK),
        ("Rascunhos", "/", Role.DRAFTS),
        ("Entwürfe", "/", Role.DRAFTS),
        ("Éléments envoyés", "/", Role.SENT),
        ("Clientes/Enviados", "/", Role.OTHER),
        ("Spammers", "/", Role.OTHER),
        ("Arquivo", "", Role.ARCHIVE),
    ],
)
def test_by_name(title: str, delimiter: str, role: Role) -> None:
    assert by_name(title, delimiter) is role


def test_attributes_in_any_case() -> None:
    assert by_attributes([b"\\HasNoChildren", b"\\SENT"]) is Role.SENT


def test_a_role_is_given_once_and_what_the_server_states_comes_first() -> None:
    folders = [
        Listed("Sent", "Sent", "/", Role.OTHER, True),
        Listed("Enviados", "Enviados", "/", Role.SENT, True),
        Listed("Spam", "Spam", "/", Role.OTHER, True),
        Listed("Junk", "Junk", "/", Role.OTHER, True),
    ]
    roles = [f.role for f in assign(folders)]
    assert roles == [Role.OTHER, Role.SENT, Role.JUNK, Role.OTHER]
