"""An engineer's needs: the list, a new one, a changed one."""

from django import forms
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import needs
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.quotations import WAITING
from onshore.desk.models import DueFirst, Need, Organisation, Quotation, Role
from onshore.desk.pages.forms import (
    ReasonField,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, require, visible
from onshore.desk.states import LIFE, SIDE_EXITS

_COLUMNS = (
    *("buyer_id", "description", "item_id", "part_number", "brand", "hs_code", "class", "sector"),
    *("yearly_quantity", "past_quantity", "unit", "import_price", "currency", "incoterm"),
    *("freight_insurance", "price_date", "payment_terms", "origin", "place", "required_year"),
    *("route", "access"),
)
NeedForm = record_form(
    "needs",
    _COLUMNS,
    extra={"buyer_id": forms.ChoiceField(label=gettext_lazy("Buyer"))},
    required=("yearly_quantity", "unit"),
)
ChangeForm = record_form("needs", _COLUMNS[1:], extra={"reason": ReasonField(required=False)})


@signed_in
def my_needs(request: HttpRequest) -> HttpResponse:
    """The needs of the engineer's own plants, and what waits at each."""
    own = request.actor.organisations(Role.ENGINEER, Role.VERIFIER)
    quoted = visible(request.actor, Quotation).filter(need=OuterRef("pk"), state__in=WAITING)
    counted = quoted.order_by().values("need").annotate(number=Count("pk")).values("number")
    rows = visible(request.actor, Need).filter(buyer_id__in=own).annotate(waiting=Subquery(counted))
    return listing(
        request,
        rows,
        title=_("Our needs and where each stands"),
        lead=_("Needs with a quotation wait for you to compare; late ones come first."),
        empty=_("Add your first need, or upload a sheet of them."),
        actions=_actions(request),
        columns=(
            Column(_("Need"), "description", link=lambda row: reverse("need", args=[row.pk])),
            Column(_("Number"), "pk", "code"),
            Column(_("State"), "state", "state"),
            Column(_("Due"), "due", "day"),
            Column(_("Per year"), "yearly_quantity", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(
                _("Quotations to decide"),
                lambda row: row.waiting or None,
                "number",
                link=lambda row: (
                    reverse("compare_quotations", args=[row.pk]) if row.waiting else ""
                ),
            ),
        ),
        filters=(
            by_choice("state", _("State"), (*LIFE, *SIDE_EXITS)),
            Filter(
                "waits",
                _("Quotations"),
                (("yes", _("with some to decide")),),
                lambda found, _value: found.filter(waiting__gt=0),
            ),
            by_words("description", "part_number"),
        ),
        sorts=(
            Sort("due", _("Due first"), (DueFirst("due"), "need_id")),
            Sort("newest", _("Changed last first"), ("-state_since", "need_id")),
        ),
    )


def _actions(request: HttpRequest) -> list[Action]:
    if not request.actor.is_a(Role.ENGINEER, Role.OFFICER):
        return []
    return [Action(_("Add a need"), reverse("new_need"), "plus")]


@signed_in
def new_need(request: HttpRequest) -> HttpResponse:
    """The form of a new need."""
    require(request.actor, "add", Need)
    form = form_for(request, NeedForm)
    form.fields["buyer_id"].choices = _buyers(request)
    return carry_out(
        request,
        form,
        lambda cleaned: needs.add(
            request.actor,
            {"need_id": new_key("N"), **form.record_fields},
            once=cleaned["once"],
        ),
        done=lambda key: reverse("need", args=[key]),
        title=_("What do you need?"),
        lead=_("It stays a draft that only you and the agency see, until you publish it."),
        button=_("Add the need"),
        cancel=reverse("my_needs"),
    )


def _buyers(request: HttpRequest) -> list[tuple[str, str]]:
    """Give the buyers that the actor may add needs for; of one, only that one."""
    rows = visible(request.actor, Organisation)
    if request.actor.is_a(Role.OFFICER):
        rows = rows.filter(role__contains="buyer")
    else:
        rows = rows.filter(pk__in=request.actor.organisations(Role.ENGINEER))
    offered = choose(rows.order_by("name")[:2000], named)
    return offered[1:] if len(offered) == 2 else offered


@signed_in
def change_need(request: HttpRequest, key: str) -> HttpResponse:
    """The form that changes a need."""
    need = find(request.actor, Need, key)
    require(request.actor, "change", need)
    form = form_for(request, ChangeForm, record=need)
    return carry_out(
        request,
        form,
        lambda _cleaned: needs.change(
            request.actor,
            key,
            form.record_fields,
            **form.sent,
        ),
        done=lambda done: reverse("need", args=[done or key]),
        title=_("Change this need"),
        lead=need.description,
        button=_("Save the changes"),
        cancel=reverse("need", args=[key]),
    )


urlpatterns = [
    path("my-needs/", my_needs, name="my_needs"),
    path("my-needs/new/", new_need, name="new_need"),
    path("needs/<key:key>/change/", change_need, name="change_need"),
]
