"""Find out what a folder is for. Pure.

SPECIAL-USE attributes (RFC 6154 §2) are believed wherever they appear, advertised or
not (INTEROP 36); without them the name decides, in the languages that servers and
clients write it (INTEROP 45).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.model import Listed, Role
from core.text import fold

ATTRIBUTES = {
    b"\\sent": Role.SENT,
    b"\\drafts": Role.DRAFTS,
    b"\\trash": Role.TRASH,
    b"\\junk": Role.JUNK,
    b"\\archive": Role.ARCHIVE,
    b"\\all": Role.ALL,
}

NAMES: dict[Role, frozenset[str]] = {
    Role.SENT: frozenset(
        "sent;sent items;sent mail;sent messages;sent-mail;enviados;enviadas;"
        "itens enviados;mensagens enviadas;e-mails enviados;emails enviados;"
        "elementos enviados;mensajes enviados;gesendet;gesendete elemente;"
        "gesendete objekte;envoyes;elements envoyes;messages envoyes;"
        "posta inviata;inviati;inviata;отправленные;已发送".split(";")
    ),
    Role.DRAFTS: frozenset(
        "drafts;draft;rascunhos;rascunho;borradores;entwurfe;brouillons;bozze;"
        "черновики;草稿箱;草稿".split(";")
    ),
    Role.TRASH: frozenset(
        "trash;deleted items;deleted messages;deleted;bin;lixeira;lixo;"
        "itens excluidos;itens apagados;excluidos;excluidas;apagados;papelera;"
        "elementos eliminados;papierkorb;geloschte elemente;geloschte objekte;"
        "corbeille;elements supprimes;cestino;posta eliminata;корзина;удаленные;"
        "已删除;已删除邮件".split(";")
    ),
    Role.JUNK: frozenset(
        "junk;spam;junk e-mail;junk email;junk mail;bulk mail;bulk;lixo eletronico;"
        "lixo de correio electronico;lixo electronico;quarentena;correo no deseado;"
        "no deseado;spamverdacht;unerwunscht;courrier indesirable;indesirables;"
        "posta indesiderata;спам;垃圾邮件".split(";")
    ),
    Role.ARCHIVE: frozenset(
        "archive;archives;archived;arquivo;arquivos;arquivados;arquivadas;"
        "arquivo morto;"
        "archivo;archivados;archiv;archivio;архив;归档".split(";")
    ),
}


def by_attributes(attributes: Iterable[bytes]) -> Role:
    """Give the role that the server states."""
    for attribute in attributes:
        if role := ATTRIBUTES.get(attribute.lower()):
            return role
    return Role.OTHER


def by_name(title: str, delimiter: str) -> Role:
    """Give the role that the name says, for folders at the top or below the inbox."""
    parts = fold(title).split(fold(delimiter)) if delimiter else [fold(title)]
    if parts == ["inbox"]:
        return Role.INBOX
    above = [p for p in parts[:-1] if p not in {"inbox", "[gmail]", "[google mail]"}]
    if above or (parts[0] == "inbox" and len(parts) > 2):  # noqa: PLR2004 - INBOX.Sent
        return Role.OTHER
    matches = (role for role, names in NAMES.items() if parts[-1].strip() in names)
    return next(matches, Role.OTHER)


def assign(folders: Sequence[Listed]) -> list[Listed]:
    """Give each role to one folder: stated roles first, then names, in LIST order."""
    taken = {f.role for f in folders} - {Role.OTHER}
    out = []
    for folder in folders:
        role = folder.role
        if role is Role.OTHER and folder.selectable:
            guess = by_name(folder.title, folder.delimiter)
            if guess not in taken:
                role = guess
                taken.add(guess)
        out.append(folder if role is folder.role else replace(folder, role=role))
    return out
