"""A delivery ladder on the page, in both languages, and of hostile words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.ladder import Fate, Ladder, Rung, State
from core.outgoing import Evidence, Source, Step
from tests.console.conftest import words

AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
FAILED = Fate(
    "bruno@destino.example",
    "failed",
    State.FAILED,
    AT,
    Source.DSN,
    "5.1.1",
    "unknown_user",
    "550 5.1.1 ](https://x.example) **no** $a$ :red[x]\n`b`",
    "Bruno",
)
LADDER = Ladder(
    rungs=(
        Rung("accepted", State.SEEN, AT, Source.SMTP),
        Rung("in_sent", State.NOT_SEEN),
        Rung("failed_for_some", State.FAILED, AT, Source.DSN),
        Rung("displayed", State.NOT_SEEN),
        Rung("answered", State.NOT_SEEN),
    ),
    fates=(FAILED, Fate("carla@empresa.example", "accepted", State.SEEN)),
    automatic=(
        Evidence(Step.AUTO_ANSWERED, Source.REPLY, AT, "carla@empresa.example"),
    ),
)


def shown(ladder: Ladder, language: str) -> AppTest:
    def page(ladder: object, language: str) -> None:
        from console.ladder_view import ladder_view  # noqa: PLC0415 - runs by itself
        from core.i18n import Texts  # noqa: PLC0415 - the same

        t = Texts(language, "America/Sao_Paulo")
        ladder_view(t, ladder)  # type: ignore[arg-type]  # names are not known in here

    at = AppTest.from_function(page, args=(ladder, language), default_timeout=20).run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            (
                "**Accepted for sending**: seen",
                "2026-11-24 10:00, from the sending server",
                "**Displayed**: not seen",
                "which says nothing",
                "There is no such address there",
                "is not tracked, on purpose",
                "Automatic answers, which are no answers",
            ),
        ),
        (
            "pt_BR",
            (
                "**Aceito para envio**: visto",
                "24/11/2026 10:00, segundo o servidor de envio",
                "**Exibido**: não visto",
                "o que não diz nada",
                "Esse endereço não existe lá",
                "não é rastreado, de propósito",
                "Respostas automáticas, que não são respostas",
            ),
        ),
    ],
)
def test_a_ladder_is_told_in_words_and_in_its_order(
    language: str, texts: tuple[str, ...]
):
    at = shown(LADDER, language)
    told = words(at)
    assert [text for text in texts if text not in told] == []
    assert "ladder." not in told
    assert "{" not in told
    heads = [line[:2] for line in at.markdown[0].value.split("\n") if line[0] != " "]
    assert heads == ["1.", "2.", "3.", "4.", "5."]


def test_each_rung_has_a_sign_beside_its_colour():
    text = shown(LADDER, "en").markdown[0].value
    assert text.count(":material/") == len(LADDER.rungs)
    assert ":red[:material/cancel:] **Failed for some**: failed" in text


def test_the_words_of_a_server_are_mere_text():
    told = "".join(one.value for one in shown(LADDER, "en").markdown)
    assert "`550 5.1.1 ](https://x.example) **no** $a$ :red[x] 'b'`" in told
    assert "**Bruno** `bruno@destino.example`" in told


def test_many_recipients_are_folded():
    many = tuple(Fate(f"{n}@x.example", "accepted", State.SEEN) for n in range(40))
    at = shown(Ladder(LADDER.rungs, many), "en")
    assert at.expander[0].label == "All 40 recipients"
    assert "39@x.example" in words(at)
