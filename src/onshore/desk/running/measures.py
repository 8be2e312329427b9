"""What the metrics page tells: what this process counts, and what the database holds."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes of answer times, in seconds."""


class _Counts:
    def __init__(self) -> None:
        self.lock = Lock()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.classes = [0] * (len(_BOUNDS) + 1)
        self.seconds = 0.0
        self.began = time.time()


_counts = _Counts()


class Measured:
    """Counts requests by page, method and status, and how long their answers took."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.answer(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        page = match.view_name if match else "none"
        with _counts.lock:
            _counts.requests[page, request.method or "", response.status_code] += 1
            _counts.classes[bisect_left(_BOUNDS, seconds)] += 1
            _counts.seconds += seconds
        return response


def of_process() -> Iterator[str]:
    """Give the counts in Prometheus' text format."""
    with _counts.lock:
        requests, classes = dict(_counts.requests), list(_counts.classes)
        seconds, began = _counts.seconds, _counts.began
    yield "# HELP onshore_requests_total Requests answered, by page, method and status."
    yield "# TYPE onshore_requests_total counter"
    for (page, method, status), count in sorted(requests.items()):
        labels = f'page="{page}",method="{method}",status="{status}"'
        yield f"onshore_requests_total{{{labels}}} {count}"
    yield "# HELP onshore_request_seconds Time taken to answer."
    yield "# TYPE onshore_request_seconds histogram"
    below = 0
    for bound, count in zip((*_BOUNDS, "+Inf"), classes, strict=True):
        below += count
        yield f'onshore_request_seconds_bucket{{le="{bound}"}} {below}'
    yield f"onshore_request_seconds_sum {seconds:.6f}"
    yield f"onshore_request_seconds_count {below}"
    yield "# HELP onshore_start_time_seconds When this process began."
    yield "# TYPE onshore_start_time_seconds gauge"
    yield f"onshore_start_time_seconds {began:.0f}"


def of_database() -> Iterator[str]:
    """Give what the database holds in Prometheus' text format."""
    # The middleware is made before the applications are ready.
    from django_tasks_db.models import DBTaskResult

    from onshore.desk.auditing import audit
    from onshore.desk.models import Job, Need
    from onshore.desk.running import worker

    yield from _gauge("onshore_worker_up", "Whether the worker works.", {"": worker.is_alive()})
    yield from _gauge("onshore_audit_entries", "Lines of the audit.", {"": audit.head()[0]})
    waiting = DBTaskResult.objects.ready().aggregate(n=Count("*"), first=Min("enqueued_at"))
    since = waiting["first"]
    age = (timezone.now() - since).total_seconds() if since else 0
    yield from _gauge("onshore_tasks_waiting", "Tasks in the queue.", {"": waiting["n"]})
    yield from _gauge(
        "onshore_tasks_oldest_seconds", "Age of the oldest task in the queue.", {"": round(age, 1)}
    )
    jobs = Job.objects.values_list("state").annotate(n=Count("pk")).order_by("state")
    yield from _gauge("onshore_jobs", "Jobs by state.", _labelled("state", jobs))
    needs = Need.objects.values_list("state").annotate(n=Count("pk")).order_by("state")
    yield from _gauge("onshore_needs", "Needs by state.", _labelled("state", needs))
    database = Path(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and database.is_file():
        size = database.stat().st_size
        yield from _gauge("onshore_database_bytes", "Size of the database.", {"": size})


def _labelled(name: str, counts: Any) -> dict[str, int]:
    return {f'{{{name}="{value}"}}': count for value, count in counts}


def _gauge(name: str, meaning: str, values: dict[str, Any]) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in values.items():
        yield f"{name}{labels} {int(value) if isinstance(value, bool) else value}"
