"""The import price that a saving is measured against, frozen before anything is saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Need
from onshore.desk.policies import require

COLUMNS = (
    *("reference_cif", "import_price", "incoterm", "origin_charges", "freight", "insurance"),
    *("currency", "price_date", "duty", "handling_inland", "local_currency"),
    *("volume", "unit", "until", "evidence"),
)
"""What a person tells about a baseline; its item, its buyer and its day are the desk's."""


def freeze(
    actor: Actor,
    need_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Freeze the import price of a need's item for its buyer, as of today.

    A frozen price is not changed any more; another may be frozen later, for later periods.

    Parameters
    ----------
    values
        Values of `COLUMNS` by the fields of the model.

    Raises
    ------
    Refused
        The need has no item of the catalogue, or no price is told.
    """
    with acting(actor, "baselines.freeze", once=once, at=at) as deed:
        need = held(actor, Need, need_id)
        require(actor, "freeze", need)
        if need.item_id is None:
            raise Refused(
                _("This need names no item of the catalogue, and savings are counted by item."),
                _("Change the need and give it its item first."),
            )
        if values.get("reference_cif") is None and values.get("import_price") is None:
            raise Refused(
                _("Neither a reference CIF nor an import price is given."),
                _("Write one of them, of one unit."),
                field="reference_cif",
            )
        if values.get("until") is None or values["until"] <= deed.today:
            raise Refused(
                _("A frozen price holds until a day that is still to come."),
                _("Write the last day it may be used for."),
                field="until",
            )
        return deed.create(
            RECORDS["baselines"](
                **values,
                baseline_id=new_key("B"),
                item_id=need.item_id,
                buyer_id=need.buyer_id,
                frozen_on=deed.today,
                illustrative=need.illustrative,
            )
        )
