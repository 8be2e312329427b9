"""The history of a record, as the audit tells it: who changed what, and why."""

from typing import Any

from django.utils.translation import gettext_lazy

from onshore.desk.actor import Actor
from onshore.desk.models import AuditEntry
from onshore.desk.policies import visible
from onshore.desk.states import MOVES

MOST = 200
"""Lines of a record's history that a page shows."""


def history(actor: Actor, record: Any) -> list[Any]:
    """Give the last lines of the audit about a record, as far as the actor may read them.

    The last stands first; each has besides its own fields ``deed``, what was done in the page's
    language.
    """
    lines = visible(actor, AuditEntry).filter(table=record._meta.db_table, key=str(record.pk))
    told = list(lines.order_by("-number")[:MOST])
    for line in told:
        line.deed = deed_label(line.action)
    return told


def deed_label(action: str) -> str:
    """Name what was done, in the page's language; what has no name stays as it was written.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     deed_label("needs.publish"), deed_label("claims.verify"), deed_label("a.b")
    ('Publish', 'Claim verified', 'a.b')
    """
    table, _dot, name = action.partition(".")
    if table == "needs" and name in MOVES:
        return str(MOVES[name].label)
    return str(_DEEDS.get(action, action))


_DEEDS = {
    "needs.add": gettext_lazy("Need added"),
    "needs.change": gettext_lazy("Need changed"),
    "candidates.decide": gettext_lazy("Candidate reviewed"),
    "candidates.take_back": gettext_lazy("Review taken back"),
    "claims.file": gettext_lazy("Claim filed"),
    "claims.mend": gettext_lazy("Claim mended"),
    "claims.verify": gettext_lazy("Claim verified"),
    "claims.refuse": gettext_lazy("Claim refused"),
    "claims.withdraw": gettext_lazy("Claim taken back"),
    "exceptions.ask": gettext_lazy("Exception asked for"),
    "exceptions.publish": gettext_lazy("Exception put out for comment"),
    "exceptions.comment": gettext_lazy("Exception commented on"),
    "exceptions.decide": gettext_lazy("Exception decided"),
    "exceptions.end": gettext_lazy("Exception ended"),
    "desks.add": gettext_lazy("Desk opened"),
    "desks.change": gettext_lazy("Desk changed"),
}
