"""Activities from a file: good rows come, each bad one is told with its line."""

import pytest

from core.activities import CSV_BYTES, read_csv
from core.errors import BadInput

HEAD = "Modelo;Assunto;Contato;E-mail;Empresa;Responsável;Vencimento\n"


def test_portuguese_with_semicolons_in_latin_1() -> None:
    row = "E-mail;Apresentação;João;joao@x.example;Açaí Ltda;Ana;31/12/2026\n"
    preview = read_csv((HEAD + row).encode("latin-1"))
    assert not preview.problems
    (draft,) = preview.drafts
    assert (draft.model, draft.subject, draft.company) == (
        "email",
        "Apresentação",
        "Açaí Ltda",
    )
    assert str(draft.due_on) == "2026-12-31"


def test_english_with_commas_and_quotes() -> None:
    text = (
        "model,subject,contact,contact e-mail,company,owner,due\n"
        'call,"Hello, you",Ana,,X,Bob,2026-01-02\n\n'
    )
    (draft,) = read_csv(text.encode("utf-8-sig")).drafts
    assert (draft.model, draft.subject) == ("call", "Hello, you")


def test_bad_rows_are_told_with_their_line_and_the_good_ones_stay() -> None:
    rows = [
        "E-mail;A;B;b@x.example;;Ana;2026-01-02",
        "E-mail;A;B;;;Ana;2026-01-02",
        "Fax;A;B;b@x.example;;Ana;2026-01-02",
        "E-mail;;B;b@x.example;;Ana;32/01/2026",
        "short",
    ]
    preview = read_csv((HEAD + "\n".join(rows)).encode())
    assert len(preview.drafts) == 1
    told = {(p.line, p.problem.field, p.problem.problem) for p in preview.problems}
    assert (3, "contact_address", "empty") in told
    assert (4, "model", "model_unknown") in told
    assert {(5, "subject", "empty"), (5, "due_on", "date")} <= told
    assert any(line == 6 for line, _, _ in told)


@pytest.mark.parametrize("owner", ["x" * 201, "ß" * 101])  # folded: two letters each
def test_a_name_that_no_owner_can_have_is_told(owner: str) -> None:
    row = f"Ligação;A;B;;;{owner};2026-01-02"
    (told,) = read_csv((HEAD + row).encode()).problems
    assert (told.problem.field, told.problem.problem) == ("owner", "too_long")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "file_columns"),
        (b"a,b,c\n1,2,3\n", "file_columns"),
        (b"\x00\x01\x02", "file_columns"),
        (b"x" * (CSV_BYTES + 1), "file_too_large"),
    ],
)
def test_what_is_no_such_file(content: bytes, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_csv(content)
    assert refused.value.problem == problem
