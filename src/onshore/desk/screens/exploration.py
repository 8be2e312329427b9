"""The exploration wing: a map of blocks, deposits, plants and targets, with lists as its equal."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from onshore.desk.access.analysis import reads_figures
from onshore.desk.actions import targets as doing
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Analysis, Block, BlockOffer, Deposit
from onshore.desk.pages.forms import OnceForm, carry_out, form_for, open_to_all, signed_in
from onshore.desk.pages.names import named, place_name
from onshore.desk.policies import may, require, visible
from onshore.desk.publishing.features import TARGETS
from onshore.desk.reckoning.provinces import outlines_file

_FEW = 12
_MOST_TARGETS = 25


@open_to_all
def exploration(request: HttpRequest) -> HttpResponse:
    """Show where there is what, and what is on offer."""
    actor = request.actor
    blocks = visible(actor, Block)
    states = dict(blocks.order_by().values_list("state").annotate(Count("pk")))
    on_offer = list(blocks.filter(state="on offer").order_by("closes", "pk")[:_FEW])
    held = list(blocks.filter(state="held").select_related("holder").order_by("until", "pk")[:_FEW])
    return render(
        request,
        "desk/exploration.html",
        {
            "title": _("Exploration: what is on offer, what is known, where to look"),
            "states": states,
            "on_offer": [_told(row) for row in on_offer],
            "area_on_offer": sum((row.area or Decimal(0) for row in on_offer), Decimal(0)),
            "more_on_offer": states.get("on offer", 0) > len(on_offer),
            "held": [_told(row) for row in held],
            "deposits": visible(actor, Deposit).count(),
            "plants": visible(actor, RECORDS["plants"]).count(),
            "targets": _targets(actor),
            **map_context(actor),
            "asks": visible(actor, BlockOffer).filter(state="submitted").count()
            if actor.user
            else 0,
            "may_add": may(actor, "add", Block),
            "may_bring_targets": may(actor, "add", Analysis),
        },
    )


def map_context(actor: Actor) -> dict[str, Any]:
    """Give what the map's part of a page asks for."""
    return {"reads_targets": reads_figures(actor), "has_provinces": outlines_file().is_file()}


def _told(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "name": named(row),
        "place": place_name(row.place) if row.place else "",
        "commodities": row.commodities.replace(";", ", "),
        "holder": named(row.holder) if row.holder_id else "",
    }


def _targets(actor: Any) -> list[dict[str, Any]]:
    """Give the best targets of the latest result that was brought in."""
    if not reads_figures(actor):
        return []
    latest = visible(actor, Analysis).filter(kind=TARGETS).order_by("-pk").first()
    features = latest.content["features"][:_MOST_TARGETS] if latest else []
    return [
        {"key": f"{latest.pk}.{each['id']}", "analysis": latest, "id": each["id"]}
        | each["properties"]
        for each in features
    ]


@open_to_all
@require_safe
def provinces(request: HttpRequest) -> Any:
    """Give the outlines of the home country's provinces, for the map."""
    try:
        file = outlines_file().open("rb")
    except OSError:
        raise Http404 from None
    answer = FileResponse(file, content_type="application/geo+json")
    answer["Cache-Control"] = "max-age=3600"
    return answer


class TargetsForm(OnceForm):
    """The folder of ``onshore explore targets`` as a ZIP file."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Left empty, the result's own question."),
    )
    file = forms.FileField(
        label=gettext_lazy("Folder of the result, as a ZIP file"),
        help_text=gettext_lazy("At most 10 MB; targets.csv, targets.parquet and metadata.json."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )


@signed_in
def new_targets(request: HttpRequest) -> HttpResponse:
    """Bring targets in."""
    actor = request.actor
    require(actor, "add", Analysis)

    def act(told: dict[str, Any]) -> Any:
        file = told["file"]
        content = file.read(doing.MOST_BYTES + 1)
        return doing.bring_in(actor, told["title"], file.name, content, once=told["once"])

    return carry_out(
        request,
        form_for(request, TargetsForm),
        act,
        done=lambda key: reverse("analysis", args=[key]) if key else reverse("exploration"),
        title=_("Bring prospectivity targets in"),
        lead=_("Pack the folder that onshore explore targets wrote with --out, as it is."),
        button=_("Bring them in"),
        cancel=reverse("exploration"),
    )


urlpatterns = [
    path("exploration/", exploration, name="exploration"),
    path("exploration/provinces.geojson", provinces, name="exploration_provinces"),
    path("exploration/targets/new/", new_targets, name="new_targets"),
]
