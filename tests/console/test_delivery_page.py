"""Delivery and availability: counts with what they are of, and what is not told."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.availability import Level, Metric, level, never
from core.i18n import LANGUAGES, Texts
from core.model import Method
from core.outgoing import Evidence, Source, Step
from core.runtime import Runtime
from core.store.engine import writing
from tests.console.conftest import visit, words
from tests.store.building import connected
from tests.store.mails_made import put_mail, put_template


@pytest.fixture
def sent(runtime: Runtime) -> int:
    """Send four mails, and let something be seen of three; a fifth is cancelled."""
    one, now = connected(runtime, "Ana_Lima"), runtime.clock()
    told = [
        [Evidence(Step.ACCEPTED, Source.SMTP, now)],
        [
            Evidence(Step.ACCEPTED, Source.SMTP, now),
            Evidence(Step.ANSWERED, Source.REPLY, now),
            Evidence(Step.DISPLAYED, Source.MDN, now),
        ],
        [Evidence(Step.FAILED, Source.DSN, now, status="5.1.1")],
        [],
    ]
    with writing(runtime.engine) as conn:
        visits = put_template(conn, "Visita *1*", now)
        for number, steps in enumerate(told):
            put_mail(
                conn, number, one, now, steps,
                sent_at=now, state="sent",
                template_id=visits if number < 2 else None,
            )  # fmt: skip
        put_mail(conn, 9, one, now, state="cancelled")
    return one


@pytest.mark.usefixtures("runtime")
def test_nothing_was_sent_and_it_is_said() -> None:
    page = visit("delivery")
    assert not page.exception
    said = words(page)
    assert "Nenhum e-mail foi planejado" in said
    assert "Por que não há taxa de abertura" in said
    assert "Nenhuma caixa é acompanhada" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("sent")
def test_each_step_with_what_it_is_of(language: str) -> None:
    page = visit("delivery", language)
    assert not page.exception
    t = Texts(language)
    ladder = drawn(page)
    assert ladder == [
        "5",
        t("delivery.share_of_planned", count=4, whole=5, percent=80),
        t("delivery.share_of_sent", count=2, whole=4, percent=50),
        t("delivery.share_of_sent", count=1, whole=4, percent=25),
        t("delivery.share_of_sent", count=0, whole=4, percent=0),
        t("delivery.of_sent", count=1, whole=4),
        t("delivery.share_of_sent", count=1, whole=4, percent=25),
    ]
    assert t("chart.delivery_ladder.definition") in words(page)
    templates, owners = (element.value for element in page.dataframe)
    none = t("delivery.no_template")
    assert dict(zip(templates["template"], templates["planned"], strict=True)) == {
        none: 3,
        "Visita *1*": 2,
    }
    assert list(owners["owner"]) == ["Ana_Lima"]
    assert list(owners["answered_share"]) == [0.25]


@pytest.mark.usefixtures("sent")
def test_only_one_template_and_only_mail_without() -> None:
    assert drawn(visit("delivery", template="1"))[0] == "2"
    assert drawn(visit("delivery", template="none"))[0] == "3"
    unknown = visit("delivery", template="77")
    assert drawn(unknown)[0] == "5"
    assert "um modelo que não existe" in words(unknown)


@pytest.mark.usefixtures("sent")
def test_the_outbox_shows_the_mails_of_a_step() -> None:
    bounced = visit("outbox", integration="all", seen="permanent")
    (table,) = bounced.dataframe
    assert list(table.value["subject"]) == ["Proposta 2"]
    assert "Só: Devolvidos, permanente" in words(bounced)
    of_template = visit("outbox", integration="all", template="1", seen="answered")
    (table,) = of_template.dataframe
    assert list(table.value["subject"]) == ["Proposta 1"]
    assert "Modelo Visita *1*, Respondidos" in words(of_template)
    of_template.button(key="outbox_picked_not").click().run()
    (table,) = of_template.dataframe
    assert len(table.value) == 5
    (table,) = visit("outbox", integration="all", template="none").dataframe
    assert len(table.value) == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("runtime")
def test_every_metric_has_its_row_its_definition_and_its_reasons(language: str) -> None:
    page = visit("availability", language)
    assert not page.exception
    said, t = words(page), Texts(language)
    (table,) = [m.value for m in page.markdown if m.value.startswith("| ")]
    rows = table.splitlines()[2:]
    assert len(rows) == len(Metric)
    for metric, row in zip(Metric, rows, strict=True):
        assert t(f"metric.{metric}.title") in row
        for method in Method:
            assert t(f"level.{level(metric, method)}.word") in row
            key = f"metric.{metric}.reason.{method}"
            assert t.has(key)
            assert t(key) in said
        assert t.has(f"metric.{metric}.definition")
        assert t(f"metric.{metric}.definition") in said


@pytest.mark.usefixtures("runtime")
def test_a_link_marks_a_metric_and_an_unknown_one_is_told() -> None:
    marked = visit("availability", metric="bounces")
    (table,) = [m.value for m in marked.markdown if m.value.startswith("| ")]
    (row,) = [one for one in table.splitlines() if "Escolhida" in one]
    assert "Devoluções" in row
    assert "#### Devoluções" in [m.value for m in marked.markdown]
    unknown = visit("availability", metric="karma")
    assert "métrica que não existe" in words(unknown)


def test_what_no_method_tells() -> None:
    assert set(never()) == {Metric.OPENS, Metric.CLICKS, Metric.DELIVERED}
    assert level(Metric.RECEIPTS, Method.MICROSOFT) is Level.EVIDENCE


def drawn(page: AppTest) -> list[str]:
    """Give what stands beside the bars of the ladder."""
    charts = page.get("plotly_chart")
    figure = json.loads(charts[0].proto.spec)
    return list(figure["data"][0]["text"])
