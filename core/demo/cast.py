"""Who the demo's mail is from and to: invented people, companies and senders."""

from __future__ import annotations

from dataclasses import dataclass

OWNER = "Marina Duarte"
HOME = "demo.malote.example"
ADDRESS = f"marina.duarte@{HOME}"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody that the owner writes with.

    `language` is pt or en, `utc_offset` the zone of their Date headers in hours,
    `charset` how their program encodes what is not ASCII.
    """

    name: str
    address: str
    company: str
    language: str = "pt"
    utc_offset: int = -3
    charset: str = "utf-8"

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


ME = Contact(OWNER, ADDRESS, "Malote Demo")

# name | address | company | language | zone | character set; most frequent first
_PEOPLE = """
João Conceição | joao@acai-norte.example | Açaí do Norte | pt | -3 | utf-8
Beatriz Fagundes | beatriz.fagundes@fagundes.example | Fagundes Móveis | pt | -3 | iso-8859-1
Emma Whitfield | emma.whitfield@northquay.example | North Quay Ltd | en | 0 | utf-8
Otávio Brandão | otavio@brandao-adv.example | Brandão Advogados | pt | -3 | utf-8
Helena Prado | helena@clinicaprado.example | Clínica Prado | pt | -3 | utf-8
Caio Junqueira | caio@junqueira-log.example | Junqueira Logística | pt | -3 | iso-8859-1
Daniel Okafor | daniel@okaforsupply.example | Okafor Supply | en | 1 | utf-8
Lívia Sampaio | livia.sampaio@escolaviva.example | Escola Viva | pt | -3 | utf-8
Rogério Antunes | rogerio@antunes-agro.example | Antunes Agro | pt | -4 | iso-8859-1
Patrícia Nóbrega | patricia@nobregatec.example | Nóbrega Tecnologia | pt | -3 | utf-8
Sofia Lindqvist | sofia@fjordline.example | Fjordline AB | en | 1 | iso-8859-1
Marcus Bell | marcus.bell@bellandsons.example | Bell & Sons | en | -5 | utf-8
Íris Teixeira | iris@teixeira-eventos.example | Teixeira Eventos | pt | -3 | utf-8
Nathan Price | nathan@pricefoods.example | Price Foods | en | -6 | utf-8
Cecília Moura | cecilia@mouradental.example | Moura Odontologia | pt | -3 | utf-8
André Valadares | compras@valadares.example | Grupo Valadares | pt | -3 | iso-8859-1
Renata Quirino | renata.quirino@fagundes.example | Fagundes Móveis | pt | -3 | utf-8
Zoë Hartmann | zoe@hartmann-bau.example | Hartmann Bau | en | 1 | utf-8
Wagner Leme | wagner@lemetransportes.example | Leme Transportes | pt | -3 | utf-8
Olivia Grant | olivia.grant@northquay.example | North Quay Ltd | en | 0 | utf-8
"""  # noqa: E501 - a table
_COLLEAGUES = f"""
Tomás Rangel | tomas.rangel@{HOME} | Malote Demo | pt | -3 | utf-8
Júlia Esteves | julia.esteves@{HOME} | Malote Demo | pt | -3 | utf-8
Renan Paiva | renan.paiva@{HOME} | Malote Demo | pt | -3 | utf-8
"""


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A sender of bulk mail; `list_id` as in RFC 2919."""

    sender: Contact
    list_id: str
    precedence: str


# name | address | list | language | precedence
_NEWSLETTERS = """
Boletim Vendas em Foco | boletim@vendasemfoco.example | vendas.vendasemfoco.example | pt | bulk
Resumo do Varejo | noticias@resumovarejo.example | resumo.resumovarejo.example | pt | bulk
The Pipeline Weekly | hello@pipelineweekly.example | weekly.pipelineweekly.example | en | bulk
Comunidade CRM Brasil | lista@crmbrasil.example | debates.crmbrasil.example | pt | list
"""  # noqa: E501 - a table

# name | address | subject | text
_MACHINES = """
Agenda | agenda@calendario.example | Lembrete: reunião em 30 minutos | Sua reunião começa em 30 minutos. Os participantes já foram avisados.
Faturas | nao-responda@faturas.example | Sua fatura está disponível | O documento do mês está na área do cliente.
CRM | alertas@crm.example | Resumo diário das suas oportunidades | Três oportunidades mudaram de etapa e duas estão paradas há mais de uma semana.
Assinatura Fácil | avisos@assinaturafacil.example | Documento assinado por todas as partes | A versão final está disponível para baixar.
"""  # noqa: E501 - a table


@dataclass(frozen=True, slots=True)
class Machine:
    """A program that writes by itself, and what it writes."""

    sender: Contact
    subject: str
    text: str


def _rows(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("|")] for line in table.strip().split("\n")
    ]


def _contacts(table: str) -> tuple[Contact, ...]:
    return tuple(
        Contact(name, address, company, language, int(zone), charset)
        for name, address, company, language, zone, charset in _rows(table)
    )


CONTACTS = _contacts(_PEOPLE)
COLLEAGUES = _contacts(_COLLEAGUES)
NEWSLETTERS = tuple(
    Newsletter(Contact(name, address, name, language), list_id, precedence)
    for name, address, list_id, language, precedence in _rows(_NEWSLETTERS)
)
MACHINES = tuple(
    Machine(Contact(name, address, name), subject, text)
    for name, address, subject, text in _rows(_MACHINES)
)
