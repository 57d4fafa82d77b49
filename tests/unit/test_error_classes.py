"""Every error has a class that tells where to look first."""

import importlib
import pkgutil

import pytest

import core
from core.errors.classes import ErrorClass, class_of, known
from core.i18n import LANGUAGES, Texts

for module in pkgutil.walk_packages(core.__path__, "core."):
    if "migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)  # all that derive from ours are there
CODES = sorted({error.code for error in known()})
OURS = set(
    "mail_error rule already_integrated not_acknowledged another_mailbox not_found"
    " signed_in_as_another too_many_attempts sign_in_not_set_up sign_in_expired"
    " bad_input overtaken ended local key_missing key_wrong store_unavailable"
    " catalogue_broken address_not_allowed privacy_forbids link_expired exports_busy"
    " export_broke message_gone part_too_large stopping no_integration"
    " recipient_blocked not_that_stage variables_missing".split()
)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("no_answer", "network"),
        ("dns_silent", "network"),
        ("connection_lost", "network"),
        ("wrong_password", "refused"),
        ("sign_in_refused", "refused"),
        ("certificate_expired", "certificate"),
        ("no_tls", "certificate"),
        ("throttled", "throttled"),
        ("session_refused", "server"),
        ("server_contradicts", "server"),
        ("folder_forbidden", "server"),
        ("store_unavailable", "ours"),
        ("of_a_newer_version", "ours"),
    ],
)
def test_what_class_an_error_is_of(code: str, told: str) -> None:
    assert class_of(code) == told


def test_no_error_is_ours_by_oversight() -> None:
    assert {code for code in CODES if class_of(code) is ErrorClass.OURS} == OURS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_a_letter_of_its_own_and_words(language: str) -> None:
    t = Texts(language)
    letters = [t(f"fleet.letter.{one}") for one in (*ErrorClass, "slow")]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 for letter in letters)
    assert all(t.has(f"fleet.cell.{one}") for one in ErrorClass)
