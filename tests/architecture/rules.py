"""The house rules, as functions: a tree in, what breaks the rule out.

Each takes the root of a checkout, so that test_rules.py can also show that it fails
on a tree that breaks it.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CODE = ("core", "console", "tools")
MAX_LINES, MAX_PAGE_LINES = 300, 120
DRAWERS = frozenset(
    "base common helper helpers manager misc service stuff util utils".split()
)
PLURAL_FORMS = frozenset(("zero", "one", "two", "few", "many", "other"))
LOCALES = Path("core/i18n/locales")

Texts = dict[str, dict[str, str]]  # by language, by key


def python_files(root: Path, *folders: str) -> Iterator[Path]:
    """List the Python files of folders, but for migrations, which are generated."""
    for folder in folders or CODE:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


# ---- files


def drawers(root: Path) -> set[str]:
    """Files and folders whose name does not say what they hold."""
    named = {path.relative_to(root).with_suffix("") for path in python_files(root)}
    return {str(path) for path in named if DRAWERS & set(path.parts)}


def too_long(root: Path) -> dict[str, int]:
    """Files of more than 300 lines, pages of more than 120."""
    lengths = {
        path.relative_to(root).as_posix(): path.read_text("utf-8").count("\n")
        for path in python_files(root, *CODE, "tests")
    }
    return {name: n for name, n in lengths.items() if n > _limit(name)}


def _limit(name: str) -> int:
    return MAX_PAGE_LINES if name.startswith("console/pages/") else MAX_LINES


def bare_exceptions(root: Path) -> set[str]:
    """Lines that silence a checker without saying about what."""
    bare = re.compile(r"#\s*(type:\s*ignore(?!\[)|(?:ruff:\s*)?noqa(?!:\s*[A-Z]+\d))")
    return {
        f"{path.relative_to(root)}:{number}"
        for path in python_files(root, *CODE, "tests")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line) and path.parent.name != "architecture"
    }


# ---- RFCs


def cited(root: Path) -> set[str]:
    """Numbers of the RFCs that the code cites."""
    return {
        number
        for path in python_files(root, "core", "console")
        for number in re.findall(r"\bRFC (\d{3,5})\b", path.read_text("utf-8"))
    }


def rfc_table(root: Path) -> dict[str, str]:
    """What docs/rfc.md says of each RFC: {number: use}."""
    rows = re.findall(
        r"^\| *(\d+) *\|(.*)\|$",
        (root / "docs/rfc.md").read_text("utf-8"),
        re.MULTILINE,
    )
    return {number: cells.split("|")[-1].strip() for number, cells in rows}


def rfcs_without_a_use(root: Path) -> set[str]:
    """RFCs that are cited, and whose row in docs/rfc.md is missing or says no use."""
    table = rfc_table(root)
    return {number for number in cited(root) | set(table) if not table.get(number)}


# ---- texts


def texts(root: Path) -> Texts:
    """Every text: by language, by dotted key."""
    found: Texts = {}
    for path in sorted((root / LOCALES).glob("*/*.toml")):
        found.setdefault(path.parent.name, {}).update(dict(_texts_of(path)))
    return found


def texts_told_twice(root: Path) -> set[str]:
    """Keys that two files of one language hold: the later one would win, silently."""
    keys = Counter(
        f"{path.parent.name}: {key}"
        for path in (root / LOCALES).glob("*/*.toml")
        for key, _ in _texts_of(path)
    )
    return {key for key, times in keys.items() if times > 1}


def texts_that_differ(root: Path) -> set[str]:
    """Keys that a language lacks, or whose placeholders are others than elsewhere."""
    shapes = {language: _shape(known) for language, known in texts(root).items()}
    keys = {key for shape in shapes.values() for key in shape}
    return {
        key for key in keys if len({shape.get(key) for shape in shapes.values()}) != 1
    }


def empty_texts(root: Path) -> set[str]:
    """Texts that say nothing, and plurals without the form that always fits."""
    found = set()
    for language, known in texts(root).items():
        found |= {
            f"{language}: {key}" for key, text in known.items() if not text.strip()
        }
        found |= {
            f"{language}: {key}"
            for key in _plurals(known)
            if f"{key}.other" not in known
        }
    return found


def unknown_texts(root: Path) -> set[str]:
    """Keys that the code asks for by name (`t("key")`) and no language has."""
    known = {key for every in texts(root).values() for key in _whole(every)}
    return {
        f"{path.relative_to(root)}: {key}"
        for path in python_files(root, "core", "console")
        for key in _asked_for(path)
        if key not in known
    }


def errors_without_words(root: Path, codes: set[str]) -> set[str]:
    """Error codes that a language does not explain: what happened, and what to do."""
    return {
        f"{language}: error.{code}.{part}"
        for language, known in texts(root).items()
        for code in codes
        for part in ("what", "do")
        if f"error.{code}.{part}" not in known
    }


def _texts_of(path: Path) -> Iterator[tuple[str, str]]:
    yield from _flat(tomllib.loads(path.read_text("utf-8")), "")


def _flat(tree: dict[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


def _plurals(known: dict[str, str]) -> set[str]:
    """Give the keys of plurals: tables that hold nothing but plural forms."""
    forms: dict[str, set[str]] = {}
    for key in known:
        stem, _, form = key.rpartition(".")
        forms.setdefault(stem, set()).add(form)
    return {stem for stem, found in forms.items() if found <= PLURAL_FORMS}


def _whole(known: dict[str, str]) -> dict[str, list[str]]:
    """Put the forms of each plural together: texts by the key that code asks for."""
    plurals = _plurals(known)
    whole: dict[str, list[str]] = {}
    for key, text in known.items():
        stem = key.rpartition(".")[0]
        whole.setdefault(stem if stem in plurals else key, []).append(text)
    return whole


def _shape(known: dict[str, str]) -> dict[str, frozenset[str]]:
    """Give the placeholders of each text."""
    return {
        key: frozenset(re.findall(r"{(\w+)", " ".join(forms)))
        for key, forms in _whole(known).items()
    }


def _asked_for(path: Path) -> Iterator[str]:
    """Find the literal keys of calls to `t`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Name(id="t"), args=[ast.Constant(value=str(key)), *_]
            ):
                yield key
