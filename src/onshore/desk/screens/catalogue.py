"""The catalogue: desks, items, places, rates and code lists."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onshore import codes
from onshore.codes import Code, fold
from onshore.desk.actions import catalogue
from onshore.desk.actions.programme import held_settings
from onshore.desk.models import RECORDS, ProgrammeSettings
from onshore.desk.models.record_tables import field_name
from onshore.desk.pages.forms import (
    ReasonForm,
    carry_out,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.list_filters import by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import column_label, table_label
from onshore.desk.policies import find, may, require, visible
from onshore.records import schema, settings_from

_SHOWN = {
    "desks": ("desk_id", "name", "name_fa", "sector", "agency_id", "opened", "target_period"),
    "items": ("item_id", "description", "part_number", "class", "unit", "hs_code", "sector"),
    "places": ("place_id", "name", "name_fa", "kind", "parent", "phase"),
    "rates": ("base", "quote", "rate_type", "date", "until", "rate", "source"),
}
_TEXTS = {
    "desks": ("name", "name_fa", "sector", "pk"),
    "items": ("description", "part_number", "pk"),
    "places": ("name", "name_fa", "pk"),
    "rates": ("source",),
}
_KINDS = {
    "number": "number",
    "money": "number",
    "signed": "number",
    "whole": "number",
    "date": "day",
    "choice": "choice",
    "text": "text",
    "ref": "code",
    "period": "text",
}
_ADD_LABELS = {
    "desks": gettext_lazy("Add a desk"),
    "items": gettext_lazy("Add an item"),
    "places": gettext_lazy("Add a place"),
    "rates": gettext_lazy("Add a rate"),
}
_LEADS = {
    "desks": gettext_lazy("Each sector's desk with the officers who run it and its target."),
    "items": gettext_lazy("Each distinct good once, however many buyers need it."),
    "places": gettext_lazy("Provinces, parks, plants and mines that records name."),
    "rates": gettext_lazy(
        "Money is converted only at a rate that stands here, with its day and its type."
    ),
}
_CODE_LISTS = {
    "hs": (codes.hs, gettext_lazy("Goods: Harmonized System 2022")),
    "isic": (codes.isic, gettext_lazy("Activities: ISIC Rev. 4")),
    "units": (codes.units, gettext_lazy("Units: UN/ECE Recommendation 20")),
    "currencies": (codes.currencies, gettext_lazy("Currencies: ISO 4217")),
    "countries": (codes.countries, gettext_lazy("Countries: ISO 3166-1")),
    "provinces": (codes.places, gettext_lazy("Provinces: ISO 3166-2")),
}


@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """Show what the catalogue holds."""
    held = held_settings(request.actor)
    return render(
        request,
        "desk/catalogue/index.html",
        {
            "tables": [
                {
                    "label": table_label(table),
                    "lead": _LEADS[table],
                    "count": visible(request.actor, RECORDS[table]).count(),
                    "url": reverse(f"catalogue_{table}"),
                }
                for table in _SHOWN
            ],
            "code_lists": [
                {"label": label, "count": len(held), "url": reverse("code_list", args=[name])}
                for name, (held, label) in _CODE_LISTS.items()
            ],
            "settings": settings_from(held.settings) if held else None,
            "may_change_settings": may(request.actor, "change", ProgrammeSettings),
        },
    )


def _list_of(table: str) -> Callable[..., HttpResponse]:
    @signed_in
    def rows_of_table(request: HttpRequest) -> HttpResponse:
        model = RECORDS[table]
        allowed = may(request.actor, "change", model)
        new = Action(_ADD_LABELS[table], reverse(f"catalogue_{table}_new"), "plus")
        return listing(
            request,
            visible(request.actor, model),
            title=table_label(table),
            lead=_LEADS[table],
            empty=_("Nothing fits these filters; or nothing was added yet."),
            columns=_columns(table, allowed),
            filters=_filters(table),
            sorts=_sorts(table),
            actions=[new] if may(request.actor, "add", model) else [],
        )

    return rows_of_table


def _columns(table: str, allowed: bool) -> list[Column]:
    def change(row: Any) -> str:
        return reverse(f"catalogue_{table}_change", args=[row.pk]) if allowed else ""

    told = schema(table)
    return [
        Column(
            column_label(table, name),
            _attribute(table, name),
            _KINDS.get(told.column(name).type, "code"),
            link=change if at == 0 else None,
        )
        for at, name in enumerate(_SHOWN[table])
    ]


def _attribute(table: str, name: str) -> str:
    told = schema(table)
    if told.key == (name,):
        return "pk"
    return field_name(name) + ("_id" if told.column(name).type == "ref" else "")


def _filters(table: str) -> list[Filter]:
    if table != "rates":
        return [by_words(*_TEXTS[table], label=_("Name or key"))]
    by_currency = Filter(
        "currency",
        _("Currency"),
        (),
        lambda rows, code: rows.filter(Q(base=code.upper()) | Q(quote=code.upper())),
    )
    by_type = Filter(
        "type",
        column_label("rates", "rate_type"),
        (),
        lambda rows, kind: rows.filter(rate_type__iexact=kind),
    )
    return [by_currency, by_type, by_words(*_TEXTS[table], label=_("Source"))]


def _sorts(table: str) -> list[Sort]:
    if table == "rates":
        newest = Sort("date", _("Latest first"), ("-date", "base", "quote", "rate_type"))
        return [newest, Sort("pair", _("By pair"), ("base", "quote", "rate_type", "-date"))]
    return [Sort("key", _("By key"), ("pk",)), Sort("name", _("By name"), (_TEXTS[table][0], "pk"))]


def _new_in(table: str) -> Callable[..., HttpResponse]:
    made = record_form(table, [column.name for column in schema(table)])

    @signed_in
    def new_row(request: HttpRequest) -> HttpResponse:
        require(request.actor, "add", RECORDS[table])
        form = form_for(request, made)
        return carry_out(
            request,
            form,
            lambda typed: catalogue.add_record(
                request.actor, table, with_key(form), once=typed["once"]
            ),
            done=lambda _key: reverse(f"catalogue_{table}"),
            template="desk/catalogue/form.html",
            heading=_ADD_LABELS[table],
            button=_("Add"),
            back=reverse(f"catalogue_{table}"),
        )

    return new_row


def with_key(form: Any) -> dict[str, Any]:
    """Give what was typed for a new record, its key too, by the model's fields."""
    values: dict[str, Any] = form.record_fields
    told = schema(form.table)
    if len(told.key) == 1:
        name = told.key[0]
        values = {field: value for field, value in values.items() if field != field_name(name)}
        values[name] = form.cleaned_data[name]
    return values


def _change_in(table: str) -> Callable[..., HttpResponse]:
    told = schema(table)
    one_key = told.key[0] if len(told.key) == 1 else ""
    made = record_form(table, [column.name for column in told if column.name != one_key])

    @signed_in
    def change_row(request: HttpRequest, key: Any) -> HttpResponse:
        row = find(request.actor, RECORDS[table], key)
        require(request.actor, "change", row)
        form = form_for(request, made, record=row)
        return carry_out(
            request,
            form,
            lambda _typed: catalogue.change_record(
                request.actor,
                table,
                row.pk,
                form.record_fields,
                **form.sent,
            ),
            done=lambda _key: reverse(f"catalogue_{table}"),
            template="desk/catalogue/form.html",
            heading=_("Change %(name)s") % {"name": _name_of(table, row)},
            button=_("Save"),
            back=reverse(f"catalogue_{table}"),
            remove=reverse("rate_remove", args=[row.pk]) if table == "rates" else "",
        )

    return change_row


def _name_of(table: str, row: Any) -> str:
    if table == "rates":
        return f"{row.base}/{row.quote} {row.rate_type} {typed_as(row.date)}"
    return named(row) if hasattr(row, "name_fa") else str(getattr(row, _TEXTS[table][0]))


@signed_in
def remove_rate(request: HttpRequest, key: int) -> HttpResponse:
    """Remove a rate that should not be there."""
    rate = find(request.actor, RECORDS["rates"], key)
    require(request.actor, "change", rate)
    return carry_out(
        request,
        form_for(request, ReasonForm),
        lambda typed: catalogue.remove_rate(
            request.actor, rate.pk, reason=typed["reason"], once=typed["once"]
        ),
        done=lambda _key: reverse("catalogue_rates"),
        template="desk/catalogue/form.html",
        heading=_("Remove %(name)s") % {"name": _name_of("rates", rate)},
        lead=_("What was converted at it will want another rate. The audit keeps what it was."),
        button=_("Remove"),
        back=reverse("catalogue_rates"),
    )


@signed_in
def code_list(request: HttpRequest, name: str) -> HttpResponse:
    """List the codes of a scheme."""
    if name not in _CODE_LISTS:
        raise Http404
    held, label = _CODE_LISTS[name]
    return listing(
        request,
        list(held),
        title=label,
        lead=lambda count: (
            ngettext("%(count)d code.", "%(count)d codes.", count) % {"count": count}
        ),
        empty=_("No code has this in its name. Write another word, or a part of the code."),
        columns=[
            Column(_("Code"), "code", "code"),
            Column(_("Name"), "name"),
            Column(_("Name in Persian"), "name_fa"),
            Column(_("Part of"), "parent", "code"),
        ],
        filters=[Filter("q", _("Name or code"), (), _codes_with)],
    )


def _codes_with(rows: list[Code], text: str) -> list[Code]:
    wanted = fold(text)
    return [
        row
        for row in rows
        if row.code.lower().startswith(text.lower())
        or wanted in fold(row.name)
        or wanted in fold(row.name_fa)
    ]


urlpatterns = [
    path("catalogue/", index, name="catalogue"),
    path("catalogue/codes/<slug:name>/", code_list, name="code_list"),
    path("catalogue/rates/<int:key>/remove/", remove_rate, name="rate_remove"),
]
for _table in _SHOWN:
    urlpatterns += [
        path(f"catalogue/{_table}/", _list_of(_table), name=f"catalogue_{_table}"),
        path(f"catalogue/{_table}/new/", _new_in(_table), name=f"catalogue_{_table}_new"),
        path(
            f"catalogue/{_table}/<{'int' if _table == 'rates' else 'key'}:key>/change/",
            _change_in(_table),
            name=f"catalogue_{_table}_change",
        ),
    ]
