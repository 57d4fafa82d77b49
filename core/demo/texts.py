"""What the demo's people write, in Portuguese and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation is about, and how each side would begin it.

    `deal` conversations are those that the owner files with her negotiations.
    """

    subject: str
    ours: str
    theirs: str
    deal: bool = False


def _topics(written: str) -> tuple[Topic, ...]:
    """Read subject (a star marks a deal), our words and theirs, three lines each."""
    rows = [block.split("\n") for block in written.strip().split("\n\n")]
    return tuple(
        Topic(subject.removeprefix("* "), ours, theirs, subject.startswith("*"))
        for subject, ours, theirs in rows
    )


TOPICS = {
    "pt": _topics("""
* Proposta comercial
Segue a proposta que combinamos, com os dois cenários de preço.
Gostaríamos de receber uma proposta para a nossa equipe inteira.

* Dúvida sobre o contrato
Enviei o contrato para revisão; há algum ponto que queira mudar?
O nosso jurídico ficou com uma dúvida na cláusula de reajuste.

* Renovação do plano
O plano vence no próximo mês e preparei uma condição especial.
Queremos renovar, mas com um número menor de licenças.

* Orçamento revisado
Revisei o orçamento como pediu, já com o desconto por volume.
Podem revisar o orçamento tirando o módulo de relatórios?

Reunião de apresentação
Podemos marcar meia hora para uma apresentação rápida?
Vi o material no site e queria agendar uma apresentação.

Treinamento da equipe
Tenho duas datas livres para o treinamento da equipe.
Chegou gente nova aqui; dá para repetir o treinamento?

Ajuste na nota fiscal
O financeiro pediu para confirmar os dados da nota fiscal.
A nota fiscal veio com o endereço antigo, podem corrigir?

Cronograma de implantação
Segue o cronograma de implantação, semana a semana.
Conseguimos antecipar a implantação em uma semana?

Visita na próxima semana
Estarei na sua cidade na próxima semana; posso passar aí?
Se vier na próxima semana, aproveite para conhecer o galpão novo.

Indicação de cliente
Obrigada pela indicação, já falei com eles.
Tenho uma indicação para você, são parceiros nossos há anos.
"""),
    "en": _topics("""
* Commercial proposal
Please find the proposal that we talked about, with two options.
We would like a proposal that covers both of our offices.

* Question about the contract
The draft contract is with you; is there anything you would change?
Our lawyers have one question about the notice period.

* Renewal of the plan
Your plan ends next month and I have prepared a better rate.
We want to renew, with ten more seats if the price allows.

* Revised quote
Here is the revised quote with the volume discount in it.
Could you quote again without the reporting module?

Introduction call
Would you have half an hour for a short introduction?
A colleague recommended you; could we set up a call?

Team training
I can offer two dates for the training of your team.
We have new people on board; can we repeat the training?

Invoice correction
Finance asks me to confirm the details on your invoice.
The purchase order number is missing on the last invoice.

Rollout schedule
The schedule for the rollout is below, week by week.
Is there a way to start the rollout a week earlier?

Visit next week
I will be in town next week; may I come by?
If you travel next week, come and see the new warehouse.

Referral
Thank you for the referral, we have already spoken.
I have somebody you should meet; may I introduce you?
"""),
}  # fmt: skip

INTERNAL = _topics("""
Números da semana
Fechei os números da semana, faltam só duas confirmações.
Consegue me mandar os números da semana até o fim do dia?

Cobertura das férias
Vou precisar de alguém para cobrir a minha carteira em janeiro.
Combinei a cobertura das férias com a Júlia, tudo certo?

Argumentos para a reunião
Juntei os argumentos que mais funcionaram este mês.
Pode compartilhar os argumentos que usou com a Escola Viva?
""")

OPENINGS = {
    "pt": ("Olá", "Bom dia", "Boa tarde", "Oi"),
    "en": ("Hello", "Good morning", "Hi", "Dear"),
}
REPLIES = {
    "pt": (
        "Agradeço o retorno tão rápido.",
        "Perfeito, fica combinado assim.",
        "Podemos falar na quinta-feira às 15h?",
        "A diretoria pediu mais detalhes sobre os prazos.",
        "Preciso confirmar o número de licenças antes de assinar.",
        "A equipe gostou bastante da demonstração.",
        "Vou verificar com o financeiro e aviso até amanhã.",
        "Há alguma condição especial para pagamento anual?",
        "Ficamos no aguardo da confirmação.",
        "Já encaminhei para quem decide aqui dentro.",
        "Só falta a assinatura do nosso lado.",
        "Pode reenviar o último arquivo? Não consegui abrir.",
    ),
    "en": (
        "Thank you for getting back so quickly.",
        "That works, consider it agreed.",
        "Could we talk on Thursday at three?",
        "The board has asked for more detail about the dates.",
        "I need to confirm the number of seats before signing.",
        "The team liked the demonstration a lot.",
        "Let me check with finance and come back to you tomorrow.",
        "Is there a better rate for paying yearly?",
        "Looking forward to your confirmation.",
        "I have passed it on to the people who decide here.",
        "Only the signature on our side is missing.",
        "Could you send the last file again? It would not open.",
    ),
}
CLOSINGS = {"pt": ("Abraço", "Atenciosamente"), "en": ("Best regards", "Kind regards")}
QUOTED = {"pt": "{name} escreveu:", "en": "{name} wrote:"}
ATTACHED = {"pt": "O arquivo segue em anexo.", "en": "The file is attached."}

HEADLINES = {
    "pt": (
        ("Cinco perguntas que abrem conversas", "Quem pergunta bem vende sem pressa."),
        ("O que mudou no mercado em uma semana", "Os números, sem rodeios."),
        ("Como preparar uma boa demonstração", "Menos telas, mais histórias."),
        ("Metas que a equipe entende", "Uma meta por vez, e por escrito."),
        ("Quando vale a pena dar desconto", "Quase nunca, e nunca primeiro."),
    ),
    "en": (
        ("Five questions that open conversations", "Ask well and take your time."),
        ("What moved this week", "The figures, and nothing else."),
        ("How to prepare a good demo", "Fewer screens, more stories."),
        ("Goals that a team can follow", "One at a time, and written down."),
        ("When a discount is worth it", "Hardly ever, and never first."),
    ),
}
LEAVE_LIST = {"pt": "Para sair da lista", "en": "To leave this list"}

AWAY = {
    "pt": ("Resposta automática: ",
           "Estou fora do escritório e respondo assim que voltar, na segunda-feira."),
    "en": ("Automatic reply: ",
           "I am out of the office and will answer when I am back on Monday."),
}  # fmt: skip

SPAM = (
    ("Prêmio", "Você foi sorteada {n} vezes", "Clique já para resgatar."),
    ("Crédito Já", "Empréstimo aprovado em {n} minutos", "Sem consulta, sem espera."),
    ("Lucky Team", "You are winner number {n}", "Answer with your details."),
)
