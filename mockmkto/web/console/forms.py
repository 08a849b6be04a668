"""What forms send: attributes in rows, lists in lines, numbers as they were typed."""

from __future__ import annotations

from mockmkto.web.console.page import Page

__all__ = ["number", "sent_attributes", "sent_lines", "sent_values"]


def sent_attributes(page: Page) -> dict[str, str]:
    """The rows of a form that name a field, in their order; of a field that is named twice, the last one."""
    names = page.request.form.getlist("attribute_name")
    values = page.request.form.getlist("attribute_value")
    return {
        name.strip(): value.replace("\r\n", "\n") for name, value in zip(names, values, strict=False) if name.strip()
    }


def sent_lines(page: Page, name: str) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in page.sent(name).split("\n") if line.strip()]


def sent_values(page: Page, *names: str) -> dict[str, object]:
    """Those of these that the form gives, a number as a number."""
    return {name: number(page.sent(name).strip()) for name in names if page.sent(name).strip()}


def number(text: str) -> object:
    """A number where the text is one, otherwise the text: the control API says what is wrong with it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
