"""Exploration blocks: recorded with their outlines, changed, taken back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Block, BlockOffer, Role
from onshore.desk.pages.outlines import area_km2, read_outline, shape_of
from onshore.desk.policies import require


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record a block; its area is measured where none is told.

    Raises
    ------
    Refused
        Its outline is none, crosses itself, or covers part of another block.
    """
    with acting(actor, "blocks.add", once=once, at=at) as deed:
        require(actor, "add", Block)
        made = Block(block_id=new_key("BL"), state="returned", **_outlined(values))
        return str(deed.create(made).pk)


def change(
    actor: Actor,
    block_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a block's name, outline or facts."""
    with acting(actor, "blocks.change", reason=reason, once=once, at=at) as deed:
        block = held(actor, Block, block_id, version)
        require(actor, "change", block)
        redrawn = values["geometry"] != block.geometry
        if redrawn and block.state == "held":
            said(reason)
        told = _outlined(values, block) if redrawn else dict(values)
        deed.change(block, **told)
        return str(block.pk)


def _outlined(values: Mapping[str, Any], own: Any = None) -> dict[str, Any]:
    """Check an outline; give the values with it as WKT and with its area."""
    area = read_outline(values["geometry"])
    _require_apart(area, own)
    told = dict(values) | {"geometry": area.wkt}
    measured = Decimal(str(round(area_km2(area), 3)))
    if told.get("area") is None or (own is not None and told["area"] == own.area):
        told["area"] = measured
    elif abs(told["area"] - measured) > measured / 20:
        raise Refused(
            _("The outline measures %(measured)s km², not %(told)s.")
            % {"measured": f"{measured:,.1f}", "told": f"{told['area']:,.1f}"},
            _("Mend the outline, or leave the area empty: it is then measured."),
            field="area",
        )
    return told


def _require_apart(area: Any, own: Any) -> None:
    """Refuse an outline that covers part of a block on offer or held."""
    others = Block._default_manager.exclude(state="returned")
    if own is not None:
        others = others.exclude(pk=own.pk)
    for key, name, wkt in others.values_list("pk", "name", "geometry"):
        other = shape_of(wkt)
        if other is None or not other.is_valid or not area.intersects(other):
            continue
        both = area.intersection(other)
        if (shared := area_km2(both) if both.area else 0) > 0.01:
            raise Refused(
                _("It covers %(shared)s km² of the block %(name)s (%(key)s).")
                % {"shared": f"{shared:,.2f}", "name": name, "key": key},
                _("Draw the outline along that block."),
                field="geometry",
            )


def take_back(
    actor: Actor,
    block_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take a block back from its holder: the right ended, or work was not done."""
    with acting(actor, "blocks.take_back", reason=said(reason), once=once, at=at) as deed:
        block = held(actor, Block, block_id, version)
        require(actor, "take_back", block)
        if block.state != "held":
            raise Refused(_("Nobody holds this block."))
        firm = block.holder_id
        rows = BlockOffer._default_manager.filter(block=block, organisation=firm, state="awarded")
        for row in rows:
            deed.change(row, until=deed.today)
        deed.change(block, state="returned", holder=None, until=deed.today)
        deed.key = str(block.pk)
        tell_members(
            [firm],
            tuple(Role),
            kind="block.taken_back",
            table="blocks",
            key=str(block.pk),
            on=deed.today,
            block=block.name,
            reason=reason,
        )
        return str(block.pk)
