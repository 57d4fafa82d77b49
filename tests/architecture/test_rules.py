"""Rules that a reviewer should not have to remember."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import MailError
from tests.architecture import rules

ROOT = Path(__file__).parents[2]


# ---- this tree keeps them


def test_every_rfc_we_cite_is_in_the_table():
    assert rules.rfcs_without_a_use(ROOT) == set()


def test_no_file_is_a_drawer():
    assert rules.drawers(ROOT) == set()


def test_files_stay_readable():
    assert rules.too_long(ROOT) == {}


def test_checkers_are_silenced_by_name():
    assert rules.bare_exceptions(ROOT) == set()


def test_languages_say_the_same_things():
    assert len(rules.texts(ROOT)) > 1
    assert rules.texts_that_differ(ROOT) == set()
    assert rules.texts_told_twice(ROOT) == set()
    assert rules.empty_texts(ROOT) == set()


def test_every_text_that_code_asks_for_is_there():
    assert rules.unknown_texts(ROOT) == set()


def test_every_error_has_words():
    codes = {error.code for error in every(MailError)}
    assert rules.errors_without_words(ROOT, codes) == set()


def test_every_error_has_a_code_of_its_own():
    codes = [vars(error).get("code") for error in every(MailError)]
    assert None not in codes
    assert len(codes) == len(set(codes))


def every(error: type[MailError]) -> Iterator[type[MailError]]:
    """List an error and what is derived from it, but for private and made up ones."""
    if error.__module__.startswith("core.") and not error.__name__.startswith("_"):
        yield error
    for child in error.__subclasses__():
        yield from every(child)


# ---- and each of them can be broken

LOCALES = "core/i18n/locales"
ENGLISH = {f"{LOCALES}/en/a.toml": 'hello = "Hello {name}"\n[mails]\nother = "{n}"'}


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        (rules.rfcs_without_a_use, {"core/a.py": "# RFC 9051 says", "docs/rfc.md": ""}),
        (rules.rfcs_without_a_use, {"docs/rfc.md": "| 9051 | IMAP4rev2 | |\n"}),
        (rules.drawers, {"core/imap/utils.py": ""}),
        (rules.drawers, {"console/common/tables.py": ""}),
        (rules.too_long, {"core/a.py": "\n" * 301}),
        (rules.too_long, {"console/pages/a.py": "\n" * 121}),
        (rules.bare_exceptions, {"core/a.py": "x = 1  # noqa\n"}),
        (rules.bare_exceptions, {"core/a.py": "# ruff: noqa\n"}),
        (rules.bare_exceptions, {"core/a.py": "x = 1  # type: ignore\n"}),
        (rules.texts_that_differ, {**ENGLISH, f"{LOCALES}/pt/a.toml": 'hello = "Olá"'}),
        (
            rules.texts_that_differ,
            {**ENGLISH, f"{LOCALES}/pt/a.toml": 'hello = "Olá {name}"'},
        ),
        (rules.texts_told_twice, {**ENGLISH, f"{LOCALES}/en/b.toml": 'hello = "Hi"'}),
        (rules.empty_texts, {f"{LOCALES}/en/a.toml": 'hello = " "'}),
        (rules.empty_texts, {f"{LOCALES}/en/a.toml": '[mails]\none = "One"'}),
        (rules.unknown_texts, {**ENGLISH, "console/a.py": 't("goodbye")'}),
    ],
)
def test_a_tree_that_breaks_a_rule_is_found(
    tmp_path: Path, rule: Callable[[Path], object], files: dict[str, str]
):
    assert rule(tree(tmp_path, files))


def test_an_error_without_words_is_found(tmp_path: Path):
    root = tree(
        tmp_path, {f"{LOCALES}/en/a.toml": '[error.full]\nwhat = "It is full."'}
    )
    assert rules.errors_without_words(root, {"full"}) == {"en: error.full.do"}


def test_a_tree_that_keeps_the_rules_is_left_alone(tmp_path: Path):
    code = 't("hello", name=1)\nt("mails", n=2)  # noqa: E501 - RFC 9051 §2\n'
    plurals = '[mails]\none = "um"\nmany = "{n} de"\nother = "{n}"'
    files = {
        **ENGLISH,
        f"{LOCALES}/pt/a.toml": f'hello = "Olá {{name}}"\n{plurals}',
        "core/a.py": code,
        "docs/rfc.md": "| 9051 | IMAP4rev2 | the grammar |\n",
    }
    root = tree(tmp_path, files)
    for rule in (rules.rfcs_without_a_use, rules.bare_exceptions, rules.unknown_texts):
        assert rule(root) == set()
    for rule in (rules.texts_that_differ, rules.texts_told_twice, rules.empty_texts):
        assert rule(root) == set()


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root
