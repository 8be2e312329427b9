"""Figures that should tie out, with the working of each."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onshore.account.tie_out import VERDICTS
from onshore.desk.access.analysis import require_reader
from onshore.desk.models import Claim
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.listing import Column, Filter, listing
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.desk.reckoning.tie_outs import MOST, published, tie_out
from onshore.figures import shown
from onshore.report import Words

VERDICT_LABELS: Final = {
    "off by": gettext_lazy("Does not tie"),
    "cannot tie": gettext_lazy("Cannot tie"),
    "ambiguous place": gettext_lazy("Place is ambiguous"),
    "ambiguous period": gettext_lazy("Period is ambiguous"),
    "derived": gettext_lazy("Follows from the others"),
    "ties": gettext_lazy("Ties"),
}


@signed_in
def tie_outs(request: HttpRequest) -> HttpResponse:
    """List the relations among published figures, what does not tie first."""
    actor, words = request.actor, Words(language())
    require_reader(actor)
    rows = tie_out(actor)
    off = sum(row.verdict not in ("ties", "derived") for row in rows)
    figures = published(actor).height
    claims = set(
        visible(actor, Claim).filter(stated_amount__isnull=False).values_list("pk", flat=True)
    )
    lead = _("%(figures)s published figures were set beside each other and beside the records.") % {
        "figures": shown.number(min(figures, MOST), language())
    }
    if figures > MOST:
        lead += " " + _("The programme has %s: the rest was not looked at.") % shown.number(
            figures, language()
        )
    return listing(
        request,
        rows,
        title=ngettext(
            "%(count)s relation does not tie out", "%(count)s relations do not tie out", off
        )
        % {"count": shown.number(off, language())}
        if off
        else _("Every published figure ties out"),
        lead=lead,
        empty=_("No published sum is among the claims yet, so there is nothing to tie out."),
        columns=(
            Column(_("Verdict"), lambda row: str(VERDICT_LABELS[row.verdict])),
            Column(_("Working"), "working"),
            Column(_("Stated"), "stated"),
            Column(_("By the others"), "computed"),
            Column(_("Difference"), lambda row: _number(row.difference)),
            Column(_("Tolerance"), lambda row: _number(row.tolerance)),
            Column(_("Relation"), lambda row: words.name("tie-out relation", row.relation)),
            Column(
                _("Records"),
                lambda row: "; ".join(row.keys),
                "code",
                link=lambda row: next((address("claim", k) for k in row.keys if k in claims), ""),
            ),
        ),
        filters=(
            Filter(
                "verdict",
                _("Verdict"),
                [(name, VERDICT_LABELS[name]) for name in VERDICTS],
                lambda found, value: [row for row in found if row.verdict == value],
            ),
        ),
    )


def _number(text: str) -> Any:
    if text == "one-sided":
        return _("one-sided")
    return shown.digits(text, language())


urlpatterns = [path("tie-outs/", tie_outs, name="tie_outs")]
