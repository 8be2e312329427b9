"""My jobs: what works in the background for me, how far it is, what came of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onshore.desk import jobs
from onshore.desk.models import Job
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.policies import find, visible

STATES = {
    Job.State.WAITING: gettext_lazy("Waiting"),
    Job.State.RUNNING: gettext_lazy("At work"),
    Job.State.DONE: gettext_lazy("Done"),
    Job.State.FAILED: gettext_lazy("Failed"),
    Job.State.CANCELLED: gettext_lazy("Cancelled"),
}
_GOING_ON = (Job.State.WAITING, Job.State.RUNNING)

_COLUMNS = (
    Column(
        gettext_lazy("Job"),
        lambda one: jobs.label_of(one.kind),
        link=lambda one: reverse("job", args=[one.pk]),
    ),
    Column(gettext_lazy("Stands at"), lambda one: str(STATES[one.state])),
    Column(gettext_lazy("Asked on"), "asked_at", "day"),
    Column(gettext_lazy("What went wrong"), "error"),
)


@signed_in
def my_jobs(request: HttpRequest) -> HttpResponse:
    """List the actor's jobs, the latest first."""
    own = visible(request.actor, Job)
    return listing(
        request,
        own,
        title=_("Work in the background"),
        lead=_("Imports, matching and the like go on here while you do something else."),
        columns=_COLUMNS,
        filters=(
            Filter(
                "state",
                gettext_lazy("Stands at"),
                list(STATES.items()),
                lambda rows, value: rows.filter(state=value),
            ),
        ),
        sorts=(Sort("latest", gettext_lazy("Latest"), ("-asked_at", "-pk")),),
        empty=_("Nothing yet. Large imports and matching start such work by themselves."),
    )


@signed_in
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far a job is; the part that changes is asked for again each second."""
    one = find(request.actor, Job, job_id)
    part = "HX-Request" in request.headers
    context = {
        "job": one,
        "title": jobs.label_of(one.kind),
        "state": STATES[one.state],
        "goes_on": one.state in _GOING_ON,
        "share": round(100 * one.done / one.total) if one.total else None,
    }
    return render(request, "desk/parts/job.html" if part else "desk/job.html", context)


@signed_in
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask for the end of a job."""
    jobs.cancel(find(request.actor, Job, job_id))
    return redirect("job", job_id)


urlpatterns = [
    path("jobs/", my_jobs, name="jobs"),
    path("jobs/<int:job_id>/", job, name="job"),
    path("jobs/<int:job_id>/cancel/", cancel, name="cancel_job"),
]
