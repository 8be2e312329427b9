"""What I should know: my alerts, unread ones first."""

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST

from onshore.desk.actions import preferences
from onshore.desk.models import Alert
from onshore.desk.notices import alerts
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.pages.wording import language
from onshore.desk.policies import find, visible
from onshore.figures import shown

_COLUMNS = (
    Column(
        gettext_lazy("What happened"),
        alerts.sentence,
        link=lambda alert: reverse("open_alert", args=[alert.pk]),
    ),
    Column(gettext_lazy("When"), "at", "day"),
    Column(
        gettext_lazy("Read"), lambda alert: _("read") if alert.read_at else pgettext("alert", "new")
    ),
)


@signed_in
def my_alerts(request: HttpRequest) -> HttpResponse:
    """List the actor's alerts."""
    own = visible(request.actor, Alert)
    unread = own.filter(read_at=None).count()
    return listing(
        request,
        own,
        title=_("What you should know"),
        lead=_told(unread),
        columns=_COLUMNS,
        filters=(
            Filter(
                "read",
                gettext_lazy("Read"),
                lambda: [("no", _("unread")), ("yes", _("read"))],
                lambda rows, value: rows.filter(read_at__isnull=value == "no"),
            ),
        ),
        sorts=(
            Sort("latest", gettext_lazy("Latest"), (F("read_at").asc(nulls_first=True), "-at")),
        ),
        empty=_("You will be told here, and by e-mail, when something waits for you."),
        template="desk/alerts.html",
        unread_count=unread,
    )


def _told(unread: int) -> str:
    if not unread:
        return _("You have read everything.")
    told = ngettext("%(count)s alert is unread.", "%(count)s alerts are unread.", unread)
    return told % {"count": shown.number(unread, language())}


@signed_in
def open_alert(request: HttpRequest, key: int) -> HttpResponse:
    """Go to what an alert is about, and mark it as read."""
    alert = find(request.actor, Alert, key)
    preferences.read_alerts(request.actor, [alert.pk])
    return redirect(alerts.page_of(alert) or reverse("alerts"))


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all alerts as read."""
    preferences.read_alerts(request.actor)
    messages.success(request, _("All alerts are marked as read."))
    return redirect("alerts")


urlpatterns = [
    path("alerts/", my_alerts, name="alerts"),
    path("alerts/read/", read_all, name="read_alerts"),
    path("alerts/<int:key>/", open_alert, name="open_alert"),
]
