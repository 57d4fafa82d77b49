"""Structure, names and encodings of whatever a mail may be made of."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from core.errors import LimitExceeded, MailError
from core.imap.responses import Part
from core.imap.values import DEPTH, fetched, values
from core.mime import choosing, decoding, fields, names, structure
from core.mime.names import safe_name
from core.mime.structure import PARTS_MOST, Tree
from core.preview import shaping
from core.preview.shown import runs

TEXT = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 20 2 NIL NIL NIL NIL)'
HTML = b'("text" "html" ("charset" "utf-8") NIL NIL "base64" 200 3 NIL NIL NIL NIL)'
PDF = (
    b'("application" "pdf" NIL NIL NIL "base64" 780 NIL'
    b' ("attachment" ("filename" "a.pdf")) NIL)'
)
IMAGE = b'("image" "png" NIL "<i@x>" NIL "base64" 78 NIL ("inline" NIL) NIL)'
BOTH = b"(" + TEXT + HTML + b'"alternative")'
RELATED = b"(" + HTML + IMAGE + b'"related")'
SIGNATURE = b'("application" "pgp-signature" NIL NIL NIL "7bit" 9)'


def tree(raw: bytes) -> Tree:
    return structure.read(values([raw])[0])


def chosen(raw: bytes) -> choosing.Chosen:
    return choosing.choose(tree(raw).root)


def test_a_response_is_read_with_its_literals() -> None:
    parts: list[Part] = [
        (b"* 1 FETCH (UID 5 BODY[1.2]<0> {7}", b'a (b) "c'),
        b" FLAGS (\\Seen) X NIL)",
    ]
    assert fetched(parts) == {
        b"UID": b"5", b"BODY[1.2]<0>": b'a (b) "c', b"FLAGS": [b"\\Seen"], b"X": None,
    }  # fmt: skip
    assert fetched([b'* 7 UIDFETCH (BODY[] "x\\"y")']) == {
        b"UID": b"7",
        b"BODY[]": b'x"y',
    }
    assert fetched([b"* 7 EXISTS"]) is None
    assert fetched([b"* OK FETCH ("]) is None


def test_values_are_bounded() -> None:
    deep = values([b"(" * 100_000 + b")" * 100_000])
    depth = 0
    while isinstance(deep, list) and deep:
        deep, depth = deep[0], depth + 1
    assert depth == DEPTH + 1
    with pytest.raises(LimitExceeded):
        values([b"a " * 500_000])


@pytest.mark.parametrize(
    ("raw", "text", "html", "attached"),
    [
        (TEXT, "1", None, []),
        (HTML, None, "1", []),
        (PDF, None, None, ["1"]),
        (b"(" + TEXT + HTML + b'"alternative")', "1", "2", []),
        (b"(" + BOTH + PDF + b'"mixed")', "1.1", "1.2", ["2"]),
        (b"(" + TEXT + RELATED + b'"alternative")', "1", "2.1", []),
        (b"(" + TEXT + IMAGE + b'"mixed")', "1", None, ["2"]),
        (b"(" + PDF + TEXT + b'"mixed")', "2", None, ["1"]),
        (b"(" + TEXT + TEXT + b'"mixed")', "1", None, ["2"]),
        (b"(" + TEXT + SIGNATURE + b'"signed")', "1", None, ["2"]),
        (b"NIL", None, None, []),
        (b"()", None, None, []),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_message(
    raw: bytes, text: str | None, html: str | None, attached: list[str]
) -> None:
    found = chosen(raw)
    assert (found.text.section if found.text else None) == text
    assert (found.html.section if found.html else None) == html
    assert [p.section for p in found.attachments] == attached


def test_a_sealed_message_is_said_so() -> None:
    sealed = b'("application" "pkcs7-mime" NIL NIL NIL "base64" 9 NIL NIL NIL)'
    assert chosen(sealed).encrypted
    assert not chosen(TEXT).encrypted


def test_parts_beyond_the_limits_are_counted() -> None:
    wide = tree(b"(" + TEXT * 1_000 + b'"mixed")')
    assert wide.root is not None
    assert len(wide.root.pieces) + wide.left_out == 1_000
    assert len(wide.root.pieces) == PARTS_MOST - 1
    deep = tree(b"(" * 1_000 + TEXT + b'"mixed")' * 1_000)
    assert deep.left_out == 1
    assert deep.root is not None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("..\\..\\x.exe", "x.exe"),
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\a.txt", "a.txt"),
        ("a.pdf\u202eexe", "a.pdfexe"),
        ("a\0b\r\n.txt", "ab.txt"),
        ("CON", "_CON"),
        ("con.tar.gz", "_con.tar.gz"),
        ("LPT9.txt", "_LPT9.txt"),
        ("com\u00b9.txt", "_com\u00b9.txt"),
        ("....", "_"),
        ("", "_"),
        (" .htaccess ", "htaccess"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("é" * 300 + ".pdf", "é" * 98 + ".pdf"),
        ("x." + "e" * 300, "x." + "e" * 118),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("\u3164.exe", "exe"),
        ("a\u2215b", "b"),
    ],
)
def test_names_of_attachments_are_safe(told: str, name: str) -> None:
    assert safe_name(told).name == name


@given(st.text(max_size=400))
def test_any_name_is_safe(told: str) -> None:
    name = safe_name(told).name
    assert name
    assert name.isprintable() or "\xa0" in name
    assert not set(name) & set('/\\<>:"|?*\0')
    assert name not in {".", ".."}
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert len(name) <= 120
    assert len(name.encode()) <= 200
    assert safe_name(name).name == name


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"filename": b"=?utf-8?q?relat=C3=B3rio?=.pdf"}, "relatório.pdf"),
        ({"filename*": b"utf-8'pt'relat%C3%B3rio.pdf"}, "relatório.pdf"),
        ({"filename*": b"iso-8859-1''relat%F3rio.pdf"}, "relatório.pdf"),
        (
            {"filename*0*": b"utf-8''a%C3", "filename*1*": b"%A7", "filename*2": b".x"},
            "aç.x",
        ),
        ({"filename*0": b"long", "filename*1": b"name.txt"}, "longname.txt"),
        ({"filename": "relatório".encode()}, "relatório"),
        ({"filename": "relatório".encode("latin-1")}, "relatório"),
        ({"filename*": b"utf-7''+ADw-x"}, "+ADw-x"),
        ({"filename*": b"nonsense''%E9"}, "é"),
        ({"filename*": b"no quotes"}, "no quotes"),
        ({"filename*5": b"alone"}, ""),
    ],
)  # fmt: skip
def test_names_are_decoded(given_: dict[str, bytes], told: str) -> None:
    assert names.parameter(given_, "filename") == told


@pytest.mark.parametrize(
    ("raw", "encoding", "charset", "text", "notes"),
    [
        (b"Ol=C3=A1", "quoted-printable", "utf-8", "Olá", ()),
        (b"T2zDoQ==", "base64", "utf-8", "Olá", ()),
        (b"T2zDoQ==T2zDoQ==", "base64", "utf-8", "OláOlá", ()),
        (b"T2z*D*o*Q==", "base64", "utf-8", "Olá", ("encoding_broken",)),
        (b"Ol\xe1", "8bit", "iso-8859-1", "Olá", ()),
        (b"\x93x\x94", "", "iso-8859-1", "“x”", ()),
        (b"Ol\xe1", "8bit", "utf-8", "Olá", ("charset_wrong",)),
        ("Olá".encode(), "8bit", "us-ascii", "Olá", ()),
        ("Olá".encode(), "8bit", "klingon", "Olá", ("charset_unknown",)),
        (b"+ADw-b+AD4-", "", "utf-7", "+ADw-b+AD4-", ("charset_unknown",)),
        (b"uryyb", "", "rot13", "uryyb", ("charset_unknown",)),
        (b"x", "", "hex", "x", ("charset_unknown",)),
        (b"x", "x-mystery", "", "x", ("encoding_unknown",)),
        ("日本".encode("iso-2022-jp"), "", "ISO-2022-JP", "日本", ()),
        (b"\xff\xfeO\0l\0", "", "utf-8", "Ol", ()),
        (b"a\r\nb\rc\0", "", "", "a\nb\nc\ufffd", ()),
        ("é".encode("utf-16"), "", "utf-16", "é", ()),
    ],
)
def test_texts_are_decoded_and_guesses_are_said(
    raw: bytes, encoding: str, charset: str, text: str, notes: tuple[str, ...]
) -> None:
    found = decoding.text_of(raw, encoding, charset)
    assert (found.text, found.notes) == (text, notes)


def test_a_cut_through_a_character_is_no_wrong_charset() -> None:
    found = decoding.text_of("Olá".encode()[:-1], "8bit", "utf-8", cut=True)
    assert (found.text, found.notes) == ("Ol", ("cut",))
    found = decoding.text_of(b"T2zDo", "base64", "utf-8", cut=True)
    assert (found.text, found.notes) == ("Ol", ("cut",))


def test_html_may_name_its_charset_itself() -> None:
    raw = b'<meta charset="iso-8859-2"><p>\xb1'
    assert decoding.text_of(raw, "", "", html=True).text.endswith("ą")


ATOMS = st.sampled_from(
    [
        b"(", b")", b" ", b"NIL", b'"text"', b'"plain"', b'"mixed"', b'"base64"', b"1",
        b'"', b'"attachment"', b'("filename" "x")', b"\\", b"\xff", b"9.37e+06",
        b"{3}", b'"<a@b>"',
    ]
)  # fmt: skip


@given(st.lists(ATOMS, max_size=80), st.binary(max_size=200))
def test_any_structure_is_read(atoms: list[bytes], rest: bytes) -> None:
    raw = b"* 1 FETCH (UID 1 BODYSTRUCTURE " + b"".join(atoms) + rest
    try:
        found = fetched([raw]) or {}
    except MailError:
        return
    read = structure.read(found.get(b"BODYSTRUCTURE"))
    choice = choosing.choose(read.root)
    for one in shaping.attachments(choice):
        assert one.name


@given(st.binary(max_size=500), st.text(max_size=20), st.text(max_size=30))
def test_any_bytes_are_a_text(raw: bytes, encoding: str, charset: str) -> None:
    for how in (encoding, "base64", "quoted-printable"):
        decoding.text_of(raw, how, charset).text.encode()


@given(st.binary(max_size=1_000))
def test_any_header_is_read(block: bytes) -> None:
    found = fields.read(b"From: " + block)
    people = shaping.people(found)
    title = shaping.subject(found, "x")
    shaping.oddities(found, people, title)
    shaping.seen(title).encode()
    fields.as_text(block).encode()


def test_eight_bit_headers_are_read() -> None:
    block = "From: João <joao@x.example>\r\nSubject: Reunião\r\n".encode("latin-1")
    found = fields.read(block)
    assert shaping.subject(found, "") == "Reunião"
    assert shaping.people(found)[0].people[0].text == "João <joao@x.example>"


def test_fifty_thousand_recipients_are_bounded() -> None:
    to = ", ".join(f"p{n}@x.example" for n in range(50_000))
    (found,) = shaping.people(fields.read(f"To: {to}\r\n".encode()))
    assert len(found.people) == 100
    assert found.more


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("From: a@x.example\r\nFrom: b@x.example\r\n", "several_senders"),
        ("From: a@x.example, b@y.example\r\n", "several_senders"),
        ("From: a@x.example\r\nReply-To: a@evil.example\r\n", "reply_elsewhere"),
        ("From: =?utf-8?q?ana=40bank=2Ecom?= <a@evil.example>\r\n", "name_has_address"),
        ("Subject: =?utf-8?b?YeKArmI=?=\r\n", "direction"),
    ],
)
def test_headers_that_should_be_looked_at_twice(block: str, code: str) -> None:
    found = fields.read(block.encode())
    title = shaping.subject(found, "")
    odd = shaping.oddities(found, shaping.people(found), title)
    assert code in {one.code for one in odd}


def test_files_that_run_programs_are_known() -> None:
    assert runs("a.pdf.EXE")
    assert runs("x.docm")
    assert not runs("x.pdf")
    assert not runs("x.exe.txt")
