"""Tags and filters of the desk's templates."""

import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from onshore.desk.pages import periods, showing
from onshore.desk.pages.wording import column_label, language
from onshore.desk.states import LIFE, Move, moves_from
from onshore.figures import Basis, shown
from onshore.report.inks import INK_OF

register = template.Library()

register.filter("shown_day", showing.day)
register.filter("shown_period", periods.period)
register.filter("unit_label", showing.unit)
register.filter("isolated", showing.isolated)
register.filter("numbers", showing.numbers)
register.filter("choice_label", showing.choice_label)
register.filter("state_label", showing.choice_label)
register.simple_tag(showing.chip, name="chip")
register.simple_tag(showing.state, name="state")
register.simple_tag(showing.icon, name="icon")


def _locale() -> Literal["en", "fa"]:
    return "fa" if language() == "fa" else "en"


@register.filter
def shown_number(value: Any, decimals: Any = None) -> SafeString:
    """Show a number in the page's language: ``{{ need.yearly_quantity|shown_number }}``."""
    return showing.number(value, None if decimals is None else int(decimals))


@register.filter
def shown_percent(share: Any) -> str:
    """Show a share in the page's language: ``{{ stated|shown_percent }}``; 0.5 is 50%."""
    return "" if share is None else shown.percent(float(share), _locale())


@register.simple_tag
def money(amount: Any, currency: str = "", rate: Any = None, decimals: Any = None) -> SafeString:
    """Show money: ``{% money need.import_price need.currency %}``, also with ``rate=rate``."""
    return showing.money(amount, currency, decimals, rate)


@register.filter
def sector_label(sector: str) -> str:
    """Name a sector in the page's language; a programme's own stays as it was written."""
    from onshore.report.words import Words

    return Words(_locale()).name("sector", sector or "")


@register.filter
def reasons_text(reasons: str) -> str:
    """Say the reasons of a candidate in a sentence; a person's own words stay as they are."""
    from onshore.match import MatchError, explain

    if not reasons:
        return ""
    try:
        return explain(reasons, _locale())
    except MatchError:
        return reasons


@register.inclusion_tag("desk/parts/reasons.html")
def reasons_lists(reasons: str) -> dict[str, Any]:
    """Show what agrees, what differs and what is not said, each as a list of its own."""
    from onshore.match import MatchError, explain

    try:
        parts = json.loads(reasons or "{}")
        groups = []
        for head in ("agree", "differ", "unsaid"):
            if parts.get(head):
                said = [explain(json.dumps({head: [one]}), _locale()) for one in parts[head]]
                heading = said[0].split(": ", 1)[0]
                told = [one.removeprefix(f"{heading}: ").removesuffix(".") for one in said]
                groups.append({"head": head, "heading": heading, "said": told})
        note = "" if groups else reasons_text(reasons)
    except (MatchError, ValueError, AttributeError):
        groups, note = [], reasons
    return {"groups": groups, "note": note}


@register.inclusion_tag("desk/parts/state_path.html")
def state_path(need: Any, moves: Iterable[Move] | None = None) -> dict[str, Any]:
    """Show where a need is on its way, what is next and who must act.

    ``moves`` are the moves to tell as next; without them, those that lead on from its state.
    """
    at = LIFE.index(need.state) if need.state in LIFE else None
    reached = at if at is not None else _reached(need)
    if moves is None:
        moves = [move for move in moves_from(need.state) if _leads_on(move, at)]
    told = list(moves)
    roles = dict.fromkeys(role for move in told for role in move.roles)
    steps = [
        {
            "state": state,
            "label": showing.choice_label(state),
            "icon": showing.STATE_ICONS[state],
            "done": number < reached,
            "here": number == at,
        }
        for number, state in enumerate(LIFE)
    ]
    return {
        "need": need,
        "steps": steps,
        "aside": at is None,
        "number": None if at is None else at + 1,
        "total": len(LIFE),
        "moves": told,
        "who": [role.label for role in roles],
    }


def _reached(need: Any) -> int:
    """Give how many steps of its life a need beside its way has done."""
    held = need.held_state or "draft"
    return LIFE.index(held) + (held != "draft") if held in LIFE else 0


def _leads_on(move: Move, at: int | None) -> bool:
    if at is None:
        return move.target in LIFE or not move.target
    return move.target in LIFE and LIFE.index(move.target) > at


@register.inclusion_tag("desk/parts/ladder_bars.html")
def ladder_bars(amounts: dict[Any, Any], currency: str = "", target: Any = None) -> dict[str, Any]:
    """Show amounts by their basis as bars in the inks of the ladder, the most certain first.

    ``amounts`` holds a number for each basis; ``target`` is drawn as the outline of the ladder's
    first step. A basis that is absent has no bar.
    """
    given = {Basis.parse(str(getattr(b, "value", b))): amount for b, amount in amounts.items()}
    if target is not None:
        given[Basis.TARGET] = target
    told = {b: Decimal(str(amount)) for b, amount in given.items() if amount is not None}
    most = max((abs(amount) for amount in told.values()), default=Decimal(0))
    bars = [
        {
            "basis": basis,
            "ink": INK_OF[basis],
            "amount": told[basis],
            "share": f"{float(abs(told[basis]) / most * 100) if most else 0:.2f}%",
        }
        for basis in sorted(told, reverse=True)
    ]
    return {"bars": bars, "currency": currency, "direction": _locale() == "fa"}


@register.inclusion_tag("desk/parts/diff.html")
def diff(before: Any, after: Any, table: str = "") -> dict[str, Any]:
    """Show what differs between two versions of a record, a line for each column.

    ``before`` and ``after`` are the audit's JSON texts, or dictionaries by column; with
    ``table``, columns are named in the page's language.
    """
    was, now = (
        json.loads(side or "{}") if isinstance(side, str) else side for side in (before, after)
    )
    lines = [
        {
            "label": _column_name(table, name),
            "was": _plain(was.get(name)),
            "now": _plain(now.get(name)),
        }
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name)
    ]
    return {"lines": lines}


def _column_name(table: str, name: str) -> str:
    try:
        return column_label(table, name)
    except (KeyError, ValueError):  # a table or column of the desk's own
        return name.removesuffix("_id").replace("_", " ").capitalize()


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(showing.choice(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return showing.day_text(date.fromisoformat(value))
    return showing.choice_label(value)


@register.simple_tag
def dl(label: Any, value: Any) -> SafeString:
    """Show a fact of a list of facts: its name and its value; nothing where it has none."""
    if value is None or value == "":
        return SafeString("")
    told = value if hasattr(value, "__html__") else format_html("<bdi>{}</bdi>", value)
    return format_html('<div class="fact"><dt>{}</dt><dd>{}</dd></div>', label, told)
