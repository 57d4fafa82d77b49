"""A person writes a template with the keyboard, is told what is wrong, and sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console

pytestmark = pytest.mark.browser
WRONG = "Olá {{contact.nmae}}, "
GOOD = (
    "Olá **{{contact.first_name}}**,\n\n"
    "![x](https://evil.example/p.png) <img src='https://evil.example/q.png'>\n\n"
    "[aqui](https://example.org/a) [ali](javascript:alert(1))"
)


def test_from_none_to_a_template_that_is_deleted(console: Console, page: Page) -> None:
    console.visit(page, "templates")
    expect(page.get_by_text("Ainda não há modelos")).to_be_visible()
    page.locator(".st-key-template_new button").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nome do modelo").fill("Visita *1*")
    dialog.get_by_label("Assunto do e-mail").fill("Para {{contact.company}}")
    body = dialog.get_by_label("Texto do e-mail")
    body.fill(WRONG)
    page.keyboard.press("Tab")  # a field is read when it is left
    expect(dialog.get_by_text("contact.nmae. Possíveis: contact.name")).to_be_visible()
    # The focus went on to what follows, not back to the cross of the dialog.
    expect(dialog.locator("summary")).to_be_focused()
    body.fill(GOOD)
    page.keyboard.press("Tab")
    preview = page.locator(".st-key-template_preview")
    expect(preview.get_by_text("Assunto: Para Exemplo & Filhos")).to_be_visible()
    expect(preview.locator("strong")).to_have_text("Ana")
    expect(preview.locator("img, script")).to_have_count(0)
    expect(preview.locator("a[href^='https://example.org']")).to_have_count(1)
    expect(preview.locator("a[href^='javascript']")).to_have_count(0)
    preview.get_by_role("tab", name="Como texto simples").press("Enter")
    expect(preview.get_by_text("Olá **Ana**,")).to_be_visible()
    page.locator(".st-key-template_save button").press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Visita *1*\nPara {{contact.company}}")).to_be_visible()
    page.get_by_role("button", name="Excluir").press("Enter")
    dialog.get_by_role("button", name="Cancelar").press("Enter")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Excluir").press("Enter")
    page.locator(".st-key-template_delete_yes button").press("Enter")
    expect(page.get_by_text("Ainda não há modelos")).to_be_visible()
