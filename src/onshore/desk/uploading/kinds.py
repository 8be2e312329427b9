"""The tables that can be uploaded: whose rows they hold and what may come from a file."""

from dataclasses import dataclass
from typing import Any

from onshore.desk.actor import Actor
from onshore.desk.models import Need, Offer, Role
from onshore.desk.policies import may


@dataclass(frozen=True)
class Kind:
    """A table that can be uploaded.

    Parameters
    ----------
    model, table, key
        The model, its table and its key.
    owner
        Column of the organisation that a row belongs to.
    role
        Whose people may upload rows of their own organisation; officers may upload any.
    kept_out
        Columns that may not come from a file.
    references
        Tables that the rows refer to.
    ended
        States of rows that are not changed any more.
    """

    model: Any
    table: str
    key: str
    owner: str
    role: Role
    kept_out: tuple[str, ...] = ()
    references: tuple[str, ...] = ("organisations", "places")
    ended: tuple[str, ...] = ()

    def own(self, actor: Actor) -> frozenset[str] | None:
        """Organisations whose rows the actor may bring in; None for all."""
        return None if actor.is_a(Role.OFFICER) else actor.organisations(self.role)


KINDS = {
    "needs": Kind(
        *(Need, "needs", "need_id", "buyer_id", Role.ENGINEER, ("state",)),
        references=("organisations", "items", "places"),
        ended=("verified localized",),
    ),
    "offers": Kind(Offer, "offers", "offer_id", "maker_id", Role.MAKER),
}


def kinds_of(actor: Actor) -> list[Kind]:
    """Give the tables that an actor may upload."""
    return [kind for kind in KINDS.values() if may(actor, "add", kind.model)]
