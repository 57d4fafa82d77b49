"""Variables are filled in, missing ones named; a template can do nothing else."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, strategies as st

from core.errors import BadInput, VariablesMissing
from core.letters import VARIABLES, html_of, missing, plain_of, render, unknown
from core.letters.characters import made_visible

VALUES = {
    "contact": {"name": "Ana Souza", "first_name": "Ana", "company": " "},
    "owner": {"name": "rui prado"},
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("no variables {here}", "no variables {here}"),
        ("Hello {{contact.name}}", "Hello Ana Souza"),
        ("Hello {{ contact.name }}!", "Hello Ana Souza!"),
        ("{{ owner.name | capitalize }}", "Rui prado"),
        ("{{ owner.name | upcase | append: '.' }}", "RUI PRADO."),
        ("{{ contact.name | truncatewords: 1, '' }}", "Ana"),
        ("{{ contact.company | default: 'you' }}", "you"),
        ("{{ contact.company | default: contact.name }}", "Ana Souza"),
        ("{% if contact.company %}at {{contact.company}}{% else %}x{% endif %}", "x"),
        ("{% unless contact.company %}x{% endunless %}", "x"),
        ("{% case contact.first_name %}{% when 'Ana' %}A{% else %}B{% endcase %}", "A"),
        ("{% comment %}{{ nothing }}{% endcomment %}x", "x"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_variables_are_filled_in(text: str, filled: str) -> None:
    assert render(text, VALUES) == filled
    assert missing(text, VALUES) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{contact.company}}", ["contact.company"]),
        (
            "{{owner.address}} {{contact.company}} {{owner.address}}",
            ["owner.address", "contact.company"],
        ),
        ("{{contact.company | upcase}}", ["contact.company"]),
        ("{{contact.company | default: owner.address}}",
         ["contact.company", "owner.address"]),
        ("{{contact.name | append: contact.company}}", ["contact.company"]),
        ("{% if contact.name %}{{contact.company}}{% endif %}", ["contact.company"]),
        ("{% if contact.nothing %}{{contact.company}}{% endif %}", []),
        ("{{contact}}", ["contact"]),
        ("{{name}}", ["name"]),
        ("{{contact.name.first_name}}", ["contact.name.first_name"]),
        ("{{contact['company']}}", ["contact.company"]),
    ],
)  # fmt: skip
def test_what_has_no_value_is_named(text: str, names: list[str]) -> None:
    assert missing(text, VALUES) == names
    if names:
        with pytest.raises(VariablesMissing) as lacking:
            render(text, VALUES)
        assert lacking.value.facts["names"] == ", ".join(names)


def test_variables_that_no_letter_has_are_named() -> None:
    text = (
        "{{contact.nmae}} {{contact.name}} {% if who %}{{ x | default: y }}{% endif %}"
    )
    assert unknown(text) == ["contact.nmae", "who", "x", "y"]
    assert unknown(" ".join(f"{{{{{name}}}}}" for name in VARIABLES)) == []
    assert unknown("{{contact}}") == ["contact"]


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a\n{{contact.name", "template_syntax", "2"),
        ("{{contact.name}", "template_syntax", "1"),
        ("a\n\n{{a b c}}", "template_syntax", "3"),
        ("{% if %}x{% endif %}", "template_syntax", "1"),
        ("{% if contact.name %}x\n", "template_open", None),
        ("{{ (1..9) }}", "template_syntax", "1"),
        ("{% if (1..99999999999) contains 'x' %}x{% endif %}", "template_syntax", "1"),
        ("x\n{{ contact.name | date: '%9999999d' }}", "template_filter", "2"),
        ("{{ 'x' | replace: '', 'xxxx' }}", "template_filter", "1"),
        ("{{ 'x' | safe }}", "template_filter", "1"),
        ("{% for x in contact %}x{% endfor %}", "template_tag", "1"),
        ("{% assign x = 'y' %}", "template_tag", "1"),
        ("{% capture x %}{% endcapture %}", "template_tag", "1"),
        ("{% include 'x' %}", "template_tag", "1"),
        ("{% render 'x' %}", "template_tag", "1"),
        ("\n{% liquid echo x %}", "template_tag", "2"),
        ("{% tablerow x in y %}{% endtablerow %}", "template_tag", "1"),
        ("{% extends 'x' %}", "template_tag", "1"),
        ("{" * 50_000, "template_limit", None),
        ("{% if a %}" * 600, "template_limit", None),
        ("{% if a %}" * 40 + "{% endif %}" * 40, "template_limit", None),
        ("{% if " + "a and " * 5_000 + "a %}{% endif %}", "template_limit", None),
        ("{{ a" + "[a" * 5_000 + "]" * 5_000 + "}}", "template_limit", None),
        ("x" * 50_001, "too_long", None),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_line(
    text: str, problem: str, line: str | None
) -> None:
    began = time.process_time()
    for read in (render, missing):
        with pytest.raises(BadInput) as refused:
            read(text, VALUES, field="template_body")
        assert refused.value.field == "template_body"
        assert refused.value.problem == problem
        assert refused.value.facts.get("line") == line
    assert time.process_time() - began < 2


def test_what_comes_out_has_a_limit() -> None:
    values = {"contact": {"name": "é" * 5_000}}
    assert len(render("{{contact.name}}", values)) == 1_000
    with pytest.raises(BadInput) as refused:
        render("{{contact.name}}" * 400, values)
    assert refused.value.problem == "template_limit"


@given(st.text(alphabet="{}%|.:' \nabif()[]-\u00e9", max_size=80))
def test_any_text_is_filled_in_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput, VariablesMissing):
        render(text, VALUES)


# ---- a value is a text, not Markdown

STRUCTURES = [
    "*x*", "**x**", "_x_", "__x__", "`x`", "``", "[a](javascript:alert(1))",
    "[a](https://example.org)", "![a](https://example.org/a.png)", "<b>x</b>",
    "<script>",
    "<https://example.org>", "<a@example.org>", "# x", "###### x", "#", "> x", ">x",
    "- x", "-", "--", "---", "***", "* x", "+ x", "+", "1. x", "1) x", "1.", "12345. x",
    "~~~", "~~~ x", "```", "``` x", "===", "    code", "\\", "\\*x\\*", "a\\",
    "&lt;b&gt;",
    "&#42;x&#42;", "[a]: https://example.org", "| a | b |", "a\n\n# b", "a  \nb", "x]",
    "](https://example.org)", "_a_b_", "a_b_c", "snake__case", "C#", "1.5", "+55 11 9",
    "#12", "- - -", "_ _ _", "a*b*c", "5 * 3 * 2", "Ana & Filhos", "$x$", "x^2^",
    "https://example.org", "\u202ex", "a\0b", "\tx", "- [ ] x", ":smile:", "!", "x!",
]  # fmt: skip


def shown_of(value: str) -> str:
    made = html_of(render("{{contact.name}}", {"contact": {"name": value}}))
    text = made.removeprefix("<p>").removesuffix("</p>\n")
    marks = {"&lt;": "<", "&gt;": ">", "&nbsp;": "\N{NO-BREAK SPACE}", "&amp;": "&"}
    for mark, character in marks.items():
        assert "<" not in text or mark != "&lt;"
        text = text.replace(mark, character)
    return text


@pytest.mark.parametrize("value", STRUCTURES)
def test_a_value_is_shown_as_it_is(value: str) -> None:
    line = made_visible(value)
    values = {"contact": {"name": value}}
    assert shown_of(value) == line
    assert plain_of(render("{{contact.name}}", values)) == line
    listed = html_of(render("- a {{contact.name}} b\n- c", values))
    assert listed.count("<li>") == 2
    assert set(tags(listed)) == {"ul", "li"}
    within = html_of(
        render("Hi **{{contact.name}}**, [{{contact.name}}](/x) y", values)
    )
    assert set(tags(within)) <= {"p", "strong", "a"}


@given(st.text(min_size=1, max_size=40))
def test_any_value_is_shown_as_it_is(value: str) -> None:
    line = made_visible(value)
    if line:
        assert shown_of(value) == line
        filled = render("{{contact.name}}", {"contact": {"name": value}})
        assert plain_of(filled) == line


@given(st.text(alphabet="*_`[]()<>#-+.!\\&~=1a :/\u00e9", min_size=1, max_size=30))
def test_any_value_of_marks_is_shown_as_it_is(value: str) -> None:
    test_any_value_is_shown_as_it_is.hypothesis.inner_test(value)  # type: ignore[attr-defined]


def test_in_a_subject_a_value_is_not_escaped() -> None:
    values = {"contact": {"name": "*Ana* [x]"}}
    assert render("{{contact.name}}", values, markdown=False) == "*Ana* [x]"


def tags(html: str) -> list[str]:
    return [part.split(">")[0].split()[0] for part in html.split("<")[1:]
            if not part.startswith("/")]  # fmt: skip
