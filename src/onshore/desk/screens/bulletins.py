"""Bulletins: composed, published under an address that stays, read by everyone."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import bulletins as doing
from onshore.desk.actor import Actor
from onshore.desk.models import Bulletin
from onshore.desk.pages.forms import (
    DayField,
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, listing
from onshore.desk.pages.names import titled
from onshore.desk.pages.wording import language
from onshore.desk.policies import may, require, visible
from onshore.desk.reckoning import bulletins as composing
from onshore.desk.reckoning.bulletins import CHOICES, Plan
from onshore.desk.reckoning.dashboard import Terms, offered_terms
from onshore.desk.screens.dashboard import CALENDARS, rate_label
from onshore.report import Bulletin as Composed
from onshore.report import Words, to_html, to_pdf, to_xlsx

FORMS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@open_to_all
def bulletins(request: HttpRequest) -> HttpResponse:
    """List the bulletins, each by its newest vintage."""
    actor = request.actor
    newest: dict[str, Any] = {}
    vintages: dict[str, int] = {}
    for row in visible(actor, Bulletin).defer("content").order_by("slug", "-number"):
        newest.setdefault(row.slug, row)
        vintages[row.slug] = vintages.get(row.slug, 0) + 1
    rows = sorted(newest.values(), key=lambda row: (row.vintage, row.pk), reverse=True)
    publishes = may(actor, "publish", Bulletin)
    return listing(
        request,
        rows,
        title=_("Bulletins of the programme"),
        lead=_("Each keeps its address: it shows the newest vintage, and every older one stays."),
        empty=_("No bulletin is published yet."),
        columns=(
            Column(_("Bulletin"), titled, link=lambda row: reverse("bulletin", args=[row.slug])),
            Column(_("Vintage"), "vintage", "day"),
            Column(_("Vintages"), lambda row: vintages[row.slug], "number"),
            Column(_("Stands"), lambda row: _("withdrawn") if row.withdrawn else _("published")),
        ),
        actions=(Action(_("Compose a bulletin"), reverse("bulletin_new"), "plus"),)
        if publishes
        else (),
    )


@open_to_all
def bulletin(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """Show a vintage of a bulletin; without a number, the newest."""
    actor = request.actor
    row = _vintage(request, slug, number)
    rows = visible(actor, Bulletin).filter(slug=slug).defer("content").order_by("-number")
    composed = composing.from_json(row.content[language()])
    return render(
        request,
        "desk/bulletin.html",
        {
            "title": composed.title,
            "lead": composed.subtitle,
            "row": row,
            "others": [one for one in rows if one.pk != row.pk],
            "newest": not rows.filter(number__gt=row.number).exists(),
            "forms": list(FORMS),
            "withdraws": may(actor, "withdraw", row) and not row.withdrawn,
            **shown_of(composed),
        },
    )


@open_to_all
def bulletin_file(request: HttpRequest, slug: str, number: int, form: str) -> HttpResponse:
    """Give a vintage as a file: a page, a PDF, a workbook, or its data."""
    if form not in FORMS:
        raise Http404
    row = _vintage(request, slug, number)
    composed = composing.from_json(row.content[language()])
    if form == "json":
        content: Any = json.dumps(
            {"slug": slug, "number": number, "sha256": row.sha256, "content": row.content},
            ensure_ascii=False,
        )
    else:
        content = {"html": to_html, "pdf": to_pdf, "xlsx": to_xlsx}[form](composed)  # type: ignore[operator]
    name = f"{slug}-{number}.{language()}.{form}"
    return HttpResponse(
        content,
        content_type=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _vintage(request: HttpRequest, slug: str, number: int | None) -> Any:
    rows = visible(request.actor, Bulletin).filter(slug=slug)
    if number is not None:
        rows = rows.filter(number=number) if number < 2**31 else rows.none()
    row = rows.order_by("-number").first()
    if row is None:
        raise Http404
    return row


class BulletinForm(OnceForm):
    """What a bulletin is to hold."""

    title = forms.CharField(label=gettext_lazy("Title in English"), max_length=200)
    title_fa = forms.CharField(
        label=gettext_lazy("Title in Persian"), max_length=200, required=False
    )
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=80,
        help_text=gettext_lazy(
            "Small Latin letters, digits and hyphens. An address that is there already gets a new "
            "vintage."
        ),
    )
    vintage = DayField(label=gettext_lazy("Day of the vintage"))
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("Sections"),
        choices=list(CHOICES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    rate_type = forms.ChoiceField(label=gettext_lazy("Type of rate"))
    calendar = forms.ChoiceField(label=gettext_lazy("Calendar"), choices=CALENDARS)
    note = forms.CharField(
        label=gettext_lazy("What must be read first, in English"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note_fa = forms.CharField(
        label=gettext_lazy("What must be read first, in Persian"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = Terms.of_programme()
        initial = {
            "vintage": timezone.localdate(),
            "sections": ["sector", "year"],
            "currency": own.currency,
            "rate_type": own.rate_type,
            "calendar": own.calendar,
            **kwargs.pop("initial", {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        currencies, types = offered_terms(own)
        self.fields["currency"].choices = [(code, code) for code in currencies]
        self.fields["rate_type"].choices = [(kind, rate_label(kind)) for kind in types]


@signed_in
def bulletin_new(request: HttpRequest) -> HttpResponse:
    """Compose a bulletin, look at it, publish it."""
    actor = request.actor
    require(actor, "publish", Bulletin)
    form = form_for(request, BulletinForm)
    preview: dict[str, Any] = {}
    if request.method == "POST" and "preview" in request.POST:
        if form.is_valid():
            slug = form.cleaned_data["slug"]
            composed = composing.compose(_plan(form.cleaned_data, slug), language())
            preview = {"preview": composed, **shown_of(composed)}
        return render(
            request,
            "desk/bulletin_form.html",
            {**_words(), **preview, "form": form},
            status=200 if preview else 422,
        )
    return carry_out(
        request,
        form,
        lambda told: doing.publish(
            actor, told["slug"], _plan(told, told["slug"]), once=told["once"]
        ),
        done=lambda key: _address(actor, key),
        template="desk/bulletin_form.html",
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "title": _("Compose a bulletin"),
        "lead": _("What is published stays under its address, whatever changes later."),
        "button": _("Publish"),
        "cancel": reverse("bulletins"),
    }


def _plan(told: dict[str, Any], slug: str) -> Plan:
    terms = Terms(told["currency"], told["rate_type"], told["calendar"])
    return Plan(
        title=told["title"],
        title_fa=told["title_fa"],
        sections=tuple(told["sections"]),
        terms=terms,
        vintage=told["vintage"],
        note=told["note"],
        note_fa=told["note_fa"],
        number=doing.next_number(slug),
    )


def _address(actor: Actor, key: str) -> str:
    row = visible(actor, Bulletin).defer("content").filter(pk=key or 0).first()
    return reverse("bulletin_vintage", args=[row.slug, row.number]) if row else reverse("bulletins")


@signed_in
def bulletin_withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw a vintage, with the reason."""
    actor = request.actor
    row = _vintage(request, slug, number)
    require(actor, "withdraw", row)
    return carry_out_on(
        request,
        row,
        ReasonForm,
        lambda actor, key, **told: doing.withdraw(
            actor, key, reason=told["reason"], once=told["once"]
        ),
        page=lambda _key: reverse("bulletin_vintage", args=[slug, number]),
        title=_("Withdraw %s") % titled(row),
        lead=_("It stays under its address, with this reason over it."),
        button=_("Withdraw"),
    )


# How a composed bulletin is shown on a page of the desk -----------------------------------------


def shown_of(composed: Composed) -> dict[str, Any]:
    """Give a bulletin's sections as a page shows them."""
    words = Words(composed.locale)
    return {"composed": composed, "sections": list(_sections(composed, words))}


def _sections(composed: Composed, words: Words) -> Iterator[dict[str, Any]]:
    from onshore.report.html_cells import hidden_of, rows_of

    for section in composed.sections:
        yield {
            "told": section,
            "charts": [(chart, _picture(chart.svg)) for chart in section.charts],
            "tables": [
                (table, list(rows_of(table, words)), hidden_of(table, words))
                for table in section.tables
            ],
        }


def _picture(svg: str) -> SafeString:
    # Drawn by the report room, which escapes what it writes into a picture.
    return SafeString(svg[svg.index("<svg") :])


urlpatterns = [
    path("bulletins/", bulletins, name="bulletins"),
    path("bulletins/new/", bulletin_new, name="bulletin_new"),
    path("bulletins/<slug:slug>/", bulletin, name="bulletin"),
    path("bulletins/<slug:slug>/<int:number>/", bulletin, name="bulletin_vintage"),
    path(
        "bulletins/<slug:slug>/<int:number>/withdraw/",
        bulletin_withdraw,
        name="bulletin_withdraw",
    ),
    path("bulletins/<slug:slug>/<int:number>/<slug:form>/", bulletin_file, name="bulletin_file"),
]
