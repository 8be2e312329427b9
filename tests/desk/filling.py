"""How a person fills in a form, with the hidden fields that it came with, and reads a page."""

import re
from html import unescape
from typing import Any

from django.test import Client


def typed(client: Client, address: str, **told: Any) -> Any:
    """Open a form, fill it in and send it."""
    form = client.get(address).context["form"]
    hidden = {field.html_name: field.value() or "" for field in form.hidden_fields()}
    return client.post(address, hidden | told)


def words(answer: Any) -> str:
    """Give what a page says: its text without tags, one blank between words."""
    text = unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))
    return " ".join(text.replace("\u2068", "").replace("\u2069", "").split())
