"""Who and what the demo is made of: invented people, companies and sentences."""

from __future__ import annotations

from dataclasses import dataclass

OWNER = "Marina Duarte"
ADDRESS = "marina.duarte@demo.malote.example"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody that the owner writes with. `language` is pt or en."""

    name: str
    address: str
    company: str
    language: str


CONTACTS = tuple(
    Contact(name, f"{local}@{domain}", company, language)
    for name, local, domain, company, language in (
        ("João Conceição", "joao", "acai-norte.example", "Açaí do Norte", "pt"),
        (
            "Beatriz Fagundes",
            "beatriz.fagundes",
            "fagundes.example",
            "Fagundes Móveis",
            "pt",
        ),
        ("Otávio Brandão", "otavio", "brandao-adv.example", "Brandão Advogados", "pt"),
        ("Helena Prado", "helena", "clinicaprado.example", "Clínica Prado", "pt"),
        (
            "Caio Junqueira",
            "caio",
            "junqueira-log.example",
            "Junqueira Logística",
            "pt",
        ),
        ("Lívia Sampaio", "livia.sampaio", "escolaviva.example", "Escola Viva", "pt"),
        ("Rogério Antunes", "rogerio", "antunes-agro.example", "Antunes Agro", "pt"),
        (
            "Patrícia Nóbrega",
            "patricia",
            "nobregatec.example",
            "Nóbrega Tecnologia",
            "pt",
        ),
        (
            "Emma Whitfield",
            "emma.whitfield",
            "northquay.example",
            "North Quay Ltd",
            "en",
        ),
        ("Daniel Okafor", "daniel", "okaforsupply.example", "Okafor Supply", "en"),
        ("Sofia Lindqvist", "sofia", "fjordline.example", "Fjordline AB", "en"),
        ("Marcus Bell", "marcus.bell", "bellandsons.example", "Bell & Sons", "en"),
        ("Íris Teixeira", "iris", "teixeira-eventos.example", "Teixeira Eventos", "pt"),
        ("Nathan Price", "nathan", "pricefoods.example", "Price Foods", "en"),
    )
)

COLLEAGUES = ("Tomás Rangel", "Júlia Esteves", "Renan Paiva")

SUBJECTS = {
    "pt": (
        "Proposta comercial", "Reunião de apresentação", "Dúvida sobre o contrato",
        "Renovação do plano", "Treinamento da equipe", "Ajuste na nota fiscal",
        "Cronograma de implantação", "Visita na próxima semana", "Orçamento revisado",
        "Indicação de cliente",
    ),
    "en": (
        "Commercial proposal", "Introduction call", "Question about the contract",
        "Renewal of the plan", "Team training", "Invoice correction",
        "Rollout schedule", "Visit next week", "Revised quote", "Referral",
    ),
}  # fmt: skip

OPENINGS = {
    "pt": ("Olá", "Bom dia", "Boa tarde", "Oi"),
    "en": ("Hello", "Good morning", "Hi", "Dear"),
}

SENTENCES = {
    "pt": (
        "Segue o que combinamos na última conversa.",
        "Podemos falar na quinta-feira às 15h?",
        "A diretoria pediu mais detalhes sobre os prazos.",
        "Obrigada pelo retorno tão rápido.",
        "Anexei a versão revisada, com os valores atualizados.",
        "Preciso confirmar o número de licenças antes de assinar.",
        "O time gostou bastante da demonstração.",
        "Vou verificar com o financeiro e aviso até amanhã.",
        "Há alguma condição especial para pagamento anual?",
        "Ficamos no aguardo da confirmação.",
    ),
    "en": (
        "Here is what we agreed on in our last conversation.",
        "Could we talk on Thursday at three?",
        "The board has asked for more detail about the dates.",
        "Thank you for getting back so quickly.",
        "I have attached the revised version with the new figures.",
        "I need to confirm the number of seats before signing.",
        "The team liked the demonstration a lot.",
        "Let me check with finance and come back to you tomorrow.",
        "Is there a special condition for paying yearly?",
        "Looking forward to your confirmation.",
    ),
}

NEWSLETTERS = (
    (
        "Boletim Vendas em Foco",
        "boletim@vendasemfoco.example",
        "vendas.vendasemfoco.example",
        "pt",
    ),
    (
        "Resumo do Varejo",
        "noticias@resumovarejo.example",
        "resumo.resumovarejo.example",
        "pt",
    ),
    (
        "The Pipeline Weekly",
        "hello@pipelineweekly.example",
        "weekly.pipelineweekly.example",
        "en",
    ),
    (
        "Comunidade CRM Brasil",
        "lista@crmbrasil.example",
        "debates.crmbrasil.example",
        "pt",
    ),
)

HEADLINES = {
    "pt": ("Cinco perguntas que abrem conversas", "O que mudou no mercado na semana",
           "Como preparar uma boa demonstração", "Metas que a equipe entende"),
    "en": ("Five questions that open conversations", "What moved this week",
           "How to prepare a good demo", "Goals that a team can follow"),
}  # fmt: skip

AWAY = {
    "pt": ("Resposta automática: ", "Estou fora do escritório e respondo na volta."),
    "en": ("Automatic reply: ", "I am out of the office and will answer on my return."),
}

SYSTEM = (
    ("Agenda", "agenda@calendario.example", "Lembrete: reunião em 30 minutos"),
    ("Faturas", "nao-responda@faturas.example", "Sua fatura está disponível"),
    ("CRM", "alertas@crm.example", "Resumo diário das suas oportunidades"),
)
