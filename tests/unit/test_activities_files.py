"""Activities from a file: good rows come, each bad one is told with its line."""

import json

import pytest

from core.activities import CSV_BYTES, FILE_ROWS, Preview, read_csv, read_file
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


def told(preview: Preview) -> set[tuple[int, str, str]]:
    return {(p.line, p.problem.field, p.problem.problem) for p in preview.problems}


def test_a_column_that_the_file_has_not_is_not_given() -> None:
    (row,) = read_csv((HEAD + "Ligação;A;B;;X;Ana;2026-01-02").encode()).rows
    assert "template" not in row.given
    assert {"company", "contact_address"} <= row.given


def test_utf_16_with_tabs_as_spreadsheets_save_it() -> None:
    text = "model;subject;contact;owner;due;status\ncall;Olá;B;Ana;2026-01-02;x\n"
    preview = read_csv(text.replace(";", "\t").encode("utf-16"))
    assert [one.subject for one in preview.drafts] == ["Olá"]
    assert preview.ignored == ["status"]


def test_a_comma_that_moves_the_cells_is_told_and_nothing_is_cut() -> None:
    text = "model,subject,contact,owner,due\ncall,Hello, you,B,Ana,2026-01-02\n"
    assert told(read_csv(text.encode())) == {(2, "file", "too_many_cells")}


def test_columns_that_stand_there_twice_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        read_csv(b"model,subject,assunto,contact,owner,due\n")
    assert (refused.value.problem, refused.value.facts["columns"]) == (
        "columns_twice",
        "subject",
    )


GOOD = {
    "modelo": "E-mail", "assunto": "Olá", "contato": "B", "email": "b@x.example",
    "responsável": "Ana", "vencimento": "31/12/2026", "template": "T",
}  # fmt: skip


@pytest.mark.parametrize(
    "shape",
    [
        [GOOD],
        {"activities": [GOOD]},
        {"data": [GOOD], "count": 1, "next": None},
    ],
)
def test_json_of_an_endpoint(shape: object) -> None:
    content = json.dumps(shape, ensure_ascii=False).encode("utf-8-sig")
    preview = read_file("export.json", content)
    assert not preview.problems
    (row,) = preview.rows
    assert (row.draft.subject, row.draft.template) == ("Olá", "T")
    assert preview.numbered
    assert read_file("no-name", content).drafts == preview.drafts


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('{"subject": NaN}', ("subject", "json_text_needed")),
        ('{"subject": 1e999}', ("subject", "json_text_needed")),
        ('{"subject": ' + "9" * 10_000 + "}", ("subject", "json_text_needed")),
        ('{"subject": ["A"]}', ("subject", "json_text_needed")),
        ('{"subject": {"a": 1}}', ("subject", "json_text_needed")),
        ('{"subject": true}', ("subject", "json_text_needed")),
        ('{"subject": null}', ("subject", "empty")),
        ('{"subject": "A", "assunto": "B"}', ("subject", "key_twice")),
        ('{"subject": "A", "subject": "A"}', ("subject", "key_twice")),
        ('{"subject": "A\\u0000"}', ("subject", "control")),
        ('{"subject": "A\\ud800"}', ("subject", "control")),
        ('{"subject": "A\\r\\nBcc: x"}', ("subject", "control")),
        ('{"subject": "=1+1"}', ("subject", "formula")),
        ('{"contact": "@SUM(A1)"}', ("contact", "formula")),
        ('{"company": "+cmd|x!A1"}', ("company", "formula")),
        ('{"owner": "' + "x" * 201 + '"}', ("owner", "too_long")),
        ("[]", ("file", "json_object")),
        ('"text"', ("file", "json_object")),
    ],
)
def test_a_hostile_object_is_told_and_the_others_stay(
    written: str, problem: tuple[str, str]
) -> None:
    content = f"[{json.dumps(GOOD)}, {written}, {json.dumps(GOOD)}]"
    preview = read_file("x.json", content.encode())
    assert len(preview.rows) == 2
    assert preview.wrong == 1
    assert (2, *problem) in told(preview)


def test_what_people_write_is_no_formula() -> None:
    rows = ["- levar amostras", "+55 11 99999-0000", "@joao", "Preço = 10 (dez)"]
    for subject in rows:
        assert (
            len(
                read_file(
                    "x.json", json.dumps([{**GOOD, "assunto": subject}]).encode()
                ).rows
            )
            == 1
        )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[" * 100_000, "json_text"),
        (b'{"a":' * 100_000, "json_text"),
        (b"[1,", "json_form"),
        (b"[\xff]", "json_text"),
        (b'"activities"', "json_list"),
        (b'{"activities": {}}', "json_list"),
        (b'{"data": [], "data": []}', "json_list"),
        (b"[" + b"1," * FILE_ROWS + b"1]", "file_too_large"),
        (b"[" + b" " * CSV_BYTES + b"]", "file_too_large"),
    ],
)
def test_what_is_no_such_json(content: bytes, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_file("x.json", content)
    assert refused.value.problem == problem
