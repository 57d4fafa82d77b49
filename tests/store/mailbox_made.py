"""A made-up mailbox of any number of messages, as years of work leave it, quickly.

The shares of what can be asked for do not depend on the number, but for what is rare:
of a word, a sender and a kind there are always about as many.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import update

from core.clock import to_ms
from core.model import Fetched, Flags, Message, Role
from core.runtime import Runtime
from core.store import indexing, messages, placements
from core.store.engine import writing
from core.store.placements import Place
from core.store.schema import folder
from core.store.vocabulary import Vocabulary
from core.text import fold
from tests.store.building import connected, listed

GIVEN = (
    "Ana Bruno Caio Duda Elisa Fábio Gil Helena Ivo Júlia Kauê Lia Mário Nina Otávio"
    " Paula Quitéria Raí Sônia Téo Úrsula Vítor Wanda Ximena Yara Zélia"
).split()
MIDDLE = "Aparecida Conceição Magalhães Figueiredo Gonçalves Vasconcelos".split()
FAMILY = "Souza Lima Araújo Costa Dias Farias Melo Nunes Prado Reis Sá".split()
ABOUT = (
    "Reunião Proposta Contrato Fatura Relatório Visita Convite Projeto Orçamento"
    " Pedido Entrega Suporte Dúvida Renovação Apresentação Agenda Ata Cotação"
).split()
WHAT = "semanal mensal urgente nova final revisada pendente aprovada 2025 2026".split()
COMPANIES = 3_000
FOLDERS = {"Inbox": Role.INBOX, "Sent": Role.SENT, "Archive": Role.ARCHIVE}
EACH_S = 97  # between two messages
BATCH = 2_000
RARE = 40  # messages with the word that is rare, whatever the number of all


def fill(
    runtime: Runtime,
    count: int,
    *,
    name: str = "",
    index: bool = True,
    seed: int = 6,
    say: Callable[[int], object] = lambda _: None,
) -> int:
    """Make an integration of so many messages; give its id. `say` hears how far."""
    one = connected(runtime, name or f"Owner of {count}")
    folders = listed(runtime, one, *FOLDERS)
    drawn = random.Random(seed)
    end_ms = to_ms(runtime.clock())
    batch: dict[str, list[Fetched]] = {title: [] for title in FOLDERS}
    for uid in range(1, count + 1):
        at_ms = end_ms // 1000 * 1000 - (count - uid) * EACH_S * 1000
        title, fetched = _message(drawn, uid, count, at_ms)
        batch[title].append(fetched)
        if uid % BATCH == 0 or uid == count:
            _write(runtime, one, folders, batch)
            batch = {title: [] for title in FOLDERS}
            say(uid)
    _count(runtime, folders.values())
    if index:
        take_all_in(runtime)
    return one


def take_all_in(runtime: Runtime, say: Callable[[int], object] = lambda _: None) -> int:
    """Take all that waits into the index; give how many there were."""
    vocabulary, taken = Vocabulary(), 0
    while True:
        with writing(runtime.engine) as conn:
            some = indexing.take_in(conn, vocabulary)
        if not some:
            return taken
        taken += some
        say(taken)


def _write(
    runtime: Runtime, one: int, folders: dict[str, int], batch: dict[str, list[Fetched]]
) -> None:
    with writing(runtime.engine) as conn:
        for title, fetched in batch.items():
            place = Place(one, folders[title], 1, FOLDERS[title], frozenset())
            if fetched:
                messages.put(conn, place, fetched)


def _count(runtime: Runtime, folder_ids: Iterable[int]) -> None:
    """Write how many each folder holds, as a sync does at its end."""
    with writing(runtime.engine) as conn:
        for one in folder_ids:
            held = placements.count(conn, one, 1)
            conn.execute(update(folder).where(folder.c.id == one).values(held=held))


def _message(
    drawn: random.Random, uid: int, count: int, at_ms: int
) -> tuple[str, Fetched]:
    sent = drawn.random() < 0.3
    title = "Sent" if sent else "Inbox" if drawn.random() < 0.6 else "Archive"
    rare = uid % max(1, count // RARE) == 1
    subject = f"{drawn.choice(ABOUT)} {drawn.choice(WHAT)} {drawn.randrange(5000)}"
    subject += " extraordinário" if rare else ""
    who, other = _person(drawn), ("Eu Mesma", "eu@acme.example")
    (name, address), (to_name, to) = (other, who) if sent else (who, other)
    folded = fold(f"{subject}\n{name} {address}\n{to_name} <{to}>\n")
    kind = "bounce" if rare else "list" if drawn.random() < 0.2 else "person"
    parent = f"<m{uid - drawn.randrange(1, 60)}@acme.example>"
    answers = parent if drawn.random() < 0.35 else ""
    flags = 0 if not sent and drawn.random() < 0.1 else Flags.SEEN
    flags |= Flags.FLAGGED if drawn.random() < 0.02 else 0
    flags |= Flags.ANSWERED if drawn.random() < 0.2 else 0
    size = round(drawn.paretovariate(1.1) * 3_000)
    return title, Fetched(
        uid,
        int(flags),
        Message(
            f"made-{uid}", kind, name, address, f"{to_name} <{to}>", "", subject,
            f"<m{uid}@acme.example>", answers, answers, at_ms, at_ms,
            min(size, 40_000_000), drawn.random() < 0.15, folded,
        ),
    )  # fmt: skip


def _person(drawn: random.Random) -> tuple[str, str]:
    given, family = drawn.choice(GIVEN), drawn.choice(FAMILY)
    middle = f" {drawn.choice(MIDDLE)}" if drawn.random() < 0.3 else ""
    company = min(int(drawn.paretovariate(0.5)), COMPANIES)
    number = drawn.randrange(100) if drawn.random() < 0.3 else ""
    address = f"{fold(given)}.{fold(family)}{number}@empresa{company}.example"
    return f"{given}{middle} {family}", address


def people() -> Iterator[str]:
    """Give words by which people are looked for."""
    yield from map(fold, (*GIVEN, *MIDDLE, *FAMILY))
