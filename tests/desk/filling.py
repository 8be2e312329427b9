"""How a person fills in a form: with the hidden fields that it came with."""

from typing import Any

from django.test import Client


def typed(client: Client, address: str, **told: Any) -> Any:
    """Open a form, fill it in and send it."""
    form = client.get(address).context["form"]
    hidden = {field.html_name: field.value() or "" for field in form.hidden_fields()}
    return client.post(address, hidden | told)
