"""What a box of a form offers while one types in it: a fragment of options."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html, format_html_join

from onshore.desk.pages.choices import CHOICES
from onshore.desk.pages.forms import open_to_all
from onshore.desk.pages.record_choices import Choice

_LONGEST = 200


@open_to_all
def choose(request: HttpRequest, of: str) -> HttpResponse:
    """Give what fits what was typed best; nothing to somebody who is not signed in.

    Of several keys joined by ``;`` the last one is being typed; the others stay before it.
    """
    if of not in CHOICES:
        raise Http404
    typed = request.GET.get("q", "").replace("\0", "")[:_LONGEST]
    before = ""
    if "several" in request.GET:
        before = typed[: max(typed.rfind(";"), typed.rfind("؛")) + 1]
    text = typed[len(before) :].strip()
    found = CHOICES[of].holding(request.actor, text) if request.actor.user is not None else []
    options = ((_value(before, choice), _label(choice, typed), choice.label) for choice in found)
    return HttpResponse(format_html_join("", '<option value="{}"{}>{}</option>', options))


def _value(before: str, choice: Choice) -> str:
    return f"{before} {choice.key}" if before else choice.key


def _label(choice: Choice, typed: str) -> str:
    """Give a label of its own where browsers would not see that the choice fits what was typed.

    They look for what was typed within key and label; here spelling and order may differ.
    """
    wanted = typed.casefold()
    if wanted in choice.key.casefold() or wanted in choice.label.casefold():
        return ""
    also = choice.also if wanted in choice.also.casefold() else typed
    return format_html(' label="{}"', f"{choice.label} · {also}")


urlpatterns = [path("choose/<slug:of>/", choose, name="choose")]
