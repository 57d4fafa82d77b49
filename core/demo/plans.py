"""The activities and the templates that go with the demo mailbox. Pure.

There is one e-mail for each of the habits (`core.demo.habits`): its subject says what
will become of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.demo.cast import COLLEAGUES, CONTACTS, OWNER

FIRST_DAY = -3
UNCONNECTED = COLLEAGUES[0].name  # whose mailbox is not integrated

# model | contact | subject | template
_PLANNED = """
email | joao@acai-norte.example | Proposta comercial (responde em segundos) | Proposta comercial
email | beatriz.fagundes@fagundes.example | Renovação do plano (confirma a leitura e responde) | Renovação do plano
call | emma.whitfield@northquay.example | Introduction call |
email | otavio@brandao-adv.example | Dúvida sobre o contrato (resposta automática) | Proposta comercial
visit | helena@clinicaprado.example | Visita na próxima semana |
message | caio@junqueira-log.example | Cronograma de implantação |
email | daniel@okaforsupply.example | Revised quote (the server says "later" once, then he answers) | Revised quote
research | livia.sampaio@escolaviva.example | Indicação de cliente |
email | rogerio@antunes-agro.example | Orçamento revisado (aceito, e depois devolvido) | Proposta comercial
email | patricia@nobregatec.example | Treinamento da equipe (endereço recusado na hora) | Renovação do plano
call | sofia@fjordline.example | Team training |
email | marcus.bell@bellandsons.example | Rollout schedule (a report of delay, then an answer) | Revised quote
visit | iris@teixeira-eventos.example | Reunião de apresentação |
email | nathan@pricefoods.example | Referral (it arrives, and nobody answers) | Revised quote
"""  # noqa: E501 - a table


@dataclass(frozen=True, slots=True)
class DemoActivity:
    """A planned act towards a contact of the demo mailbox."""

    model: str
    subject: str
    contact: str
    contact_address: str
    company: str
    owner: str
    due_on: date
    template: str = ""


@dataclass(frozen=True, slots=True)
class DemoTemplate:
    """A text with variables: subject and Markdown."""

    name: str
    subject: str
    body: str


TEMPLATES = (
    DemoTemplate(
        "Proposta comercial",
        "Proposta para {{contact.company}}",
        """Olá, {{contact.first_name}},

segue a proposta que combinamos para a **{{contact.company}}**, com dois cenários:

- plano mensal, sem fidelidade;
- plano anual, com 12% de desconto.

Podemos conversar sobre isso nesta semana?
""",
    ),
    DemoTemplate(
        "Renovação do plano",
        "Renovação do plano da {{contact.company}}",
        """Olá, {{contact.first_name}},

o plano da {{contact.company}} vence no próximo mês e preparei uma condição especial.

Prefere renovar com o mesmo número de licenças?
""",
    ),
    DemoTemplate(
        "Revised quote",
        "Revised quote for {{contact.company}}",
        """Hello {{contact.first_name}},

here is the revised quote for **{{contact.company}}**, with the volume discount in it:

1. 25 seats, paid monthly
2. 25 seats, paid yearly (12% off)

Which of the two suits you better?
""",
    ),
)


def activities(today: date) -> list[DemoActivity]:
    """Give what is planned, a day each, from three days ago on.

    The last one is of somebody whose mailbox is not integrated.
    """
    people = {who.address: who for who in CONTACTS}
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in _PLANNED.strip().splitlines()
    ]
    planned = [
        DemoActivity(
            model=model,
            subject=subject,
            contact=people[address].name,
            contact_address=address,
            company=people[address].company,
            owner=OWNER,
            due_on=today + timedelta(days=FIRST_DAY + n),
            template=template,
        )
        for n, (model, address, subject, template) in enumerate(rows)
    ]
    who = people["cecilia@mouradental.example"]
    without = DemoActivity(
        model="email",
        subject="Apresentação (o responsável não tem integração de e-mail)",
        contact=who.name,
        contact_address=who.address,
        company=who.company,
        owner=UNCONNECTED,
        due_on=today,
    )
    return [*planned, without]
