"""The audit held against its own chain, and handed out whole."""

import json
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onshore.desk.auditing import audit
from onshore.desk.jobs import Run, job
from onshore.desk.models import AuditEntry
from onshore.desk.policies import NotAllowed, policy

VERIFY = "audit_proof.verify"
MOST_FAULTS = 100
"""So many faults are named; who finds more has lost the whole."""


@job(gettext_lazy("Verify the audit"))
def verify(run: Run) -> dict[str, Any]:
    """Go through the whole chain; name the lines that do not hold."""
    if not policy(AuditEntry).may(run.actor, "verify"):
        raise NotAllowed("audit.verify")
    told = run.arguments
    known = (int(told["number"]), str(told["hash"])) if told.get("number") else None
    number, line_hash = audit.head()
    run.report(0, number, _("reading the lines"))
    faults = list(islice(audit.verify(known), MOST_FAULTS))
    run.report(number, number)
    return {
        "summary": _told(number, len(faults)),
        "faults": [{"number": fault.number, "reason": fault.reason} for fault in faults],
        "number": number,
        "hash": line_hash,
        "held_against": known,
    }


def _told(lines: int, faults: int) -> str:
    if not faults:
        return ngettext(
            "%(count)d line was read, and it holds.",
            "%(count)d lines were read, and all of them hold.",
            lines,
        ) % {"count": lines}
    if faults == MOST_FAULTS:
        return _("At least %(count)d lines do not hold.") % {"count": faults}
    return ngettext("%(count)d line does not hold.", "%(count)d lines do not hold.", faults) % {
        "count": faults
    }


def as_json_lines(lines: QuerySet) -> Iterator[bytes]:
    """Give lines of the audit with their hashes, one JSON object a line, the first one first.

    A reader who has the hash of the last line can prove all the others without this desk.
    """
    for entry in lines.order_by("number").iterator(chunk_size=2000):
        told = {
            "number": entry.number,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "organisation": entry.organisation,
            "action": entry.action,
            "table": entry.table,
            "key": entry.key,
            "before": entry.before,
            "after": entry.after,
            "reason": entry.reason,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"
