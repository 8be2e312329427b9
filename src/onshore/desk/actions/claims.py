"""Savings that are claimed from accepted deliveries, and verified by somebody else."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Claim, Deal, Delivery, Role, User
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.wording import language
from onshore.desk.policies import NotAllowed, require
from onshore.desk.tables.frames import Reckoning, fields_of, frame_of, reckoning
from onshore.figures import FigureError, Period
from onshore.records import schema
from onshore.report import reason_in

FACTS = (
    *("quantity", "imported_content", "domestic_price", "domestic_currency"),
    *("period", "evidence"),
)
"""What may be mended in a claim that is not verified."""


def file(
    actor: Actor,
    *,
    deal_id: str,
    baseline_id: str,
    period: str,
    quantity: Decimal,
    imported_content: Decimal | None = None,
    domestic_price: Decimal | None = None,
    domestic_currency: str = "",
    evidence: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Claim what was saved by the accepted serial deliveries of a deal in a period.

    The claim has to keep every rule of the account as if it were verified: what a verifier could
    never confirm is not filed.

    Returns
    -------
    str
        Key of the claim; its basis is *accepted*.
    """
    with acting(actor, "claims.file", once=once, at=at) as deed:
        require(actor, "add", Claim)
        deal = held(actor, Deal, deal_id)
        _require_party(actor, deal)
        baseline = held(actor, RECORDS["baselines"], baseline_id)
        claim = Claim(
            claim_id=new_key("CL"),
            item_id=deal.item_id or baseline.item_id,
            buyer_id=deal.buyer_id,
            deal=deal,
            desk_id=deal.desk_id,
            sector=deal.need.sector if deal.need else "",
            place=deal.maker.place,
            period=_period(period),
            basis="accepted",
            quantity=_positive(quantity),
            baseline=baseline,
            imported_content=imported_content,
            domestic_price=domestic_price,
            domestic_currency=domestic_currency,
            claimed_by=actor.name,
            evidence=evidence.strip(),
            illustrative=deal.illustrative,
        )
        _require_sound(claim)
        deed.create(claim)
        _tell_verifiers(deed, claim)
        return str(claim.pk)


def mend(
    actor: Actor,
    claim_id: str,
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
    **facts: Any,
) -> str:
    """Mend a claim that is not verified yet; one that was refused waits again."""
    with acting(actor, "claims.mend", reason=reason, once=once, at=at) as deed:
        claim = _open_claim(actor, claim_id, version)
        _require_filer(actor, claim)
        changed = {name: value for name, value in facts.items() if name in FACTS}
        if "period" in changed:
            changed["period"] = _period(changed["period"])
        if "quantity" in changed:
            changed["quantity"] = _positive(changed["quantity"])
        deed.change(claim, **changed, refusal="", refused_by="", refused_on=None)
        _require_sound(claim)
        _tell_verifiers(deed, claim)
        return str(claim.pk)


def verify(
    actor: Actor,
    claim_id: str,
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Verify a claim: a verifier of the buyer who did not file it."""
    with acting(actor, "claims.verify", reason=reason, once=once, at=at) as deed:
        claim = _open_claim(actor, claim_id, version)
        _require_verifier(actor, claim, "verify")
        if claim.refusal:
            raise Refused(
                _("It was refused, and is not mended yet."), _("Who filed it mends it first.")
            )
        _require_sound(claim, verified_by=actor.name)
        deed.change(claim, basis="verified", verified_by=actor.name, verified_on=deed.today)
        _tell_filer(deed, claim, "claim.verified")
        return str(claim.pk)


def refuse(
    actor: Actor,
    claim_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Refuse a claim and say why; who filed it may mend it."""
    with acting(actor, "claims.refuse", reason=reason, once=once, at=at) as deed:
        claim = _open_claim(actor, claim_id, version)
        _require_verifier(actor, claim, "refuse")
        if claim.refusal:
            raise Refused(_("It is refused already."), _("Wait until it is mended."))
        deed.change(claim, refusal=said(reason), refused_by=actor.name, refused_on=deed.today)
        _tell_filer(deed, claim, "claim.refused", reason=claim.refusal)
        return str(claim.pk)


def withdraw(
    actor: Actor,
    claim_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take back a claim that is not verified; the audit keeps what it said."""
    with acting(actor, "claims.withdraw", reason=reason, once=once, at=at) as deed:
        claim = _open_claim(actor, claim_id, version)
        _require_filer(actor, claim)
        said(reason)
        deed.key = str(claim.pk)
        deed.remove(claim)
        return deed.key


def broken_rules(
    claim: Any, *, verified_by: str = "", known: Reckoning | None = None
) -> list[tuple[str, str, str]]:
    """List the rules that a claim breaks: rule, reason and next step, in the page's language.

    It is held against its buyer's other claims, which may overlap it. With ``verified_by`` it is
    judged as if that person verified it.
    """
    from onshore.account import check_claims

    others = Claim._default_manager.filter(buyer=claim.buyer_id, item=claim.item_id)
    judged = claim_frame(claim).with_columns(
        basis=pl.lit("verified"), verified_by=pl.lit(verified_by or "-")
    )
    known = known or reckoning()
    found = check_claims(
        pl.concat([frame_of(others.exclude(pk=claim.pk)), judged]),
        frame_of(Deal._default_manager.filter(buyer=claim.buyer_id)),
        frame_of(Delivery._default_manager.filter(deal__buyer=claim.buyer_id)),
        frame_of(RECORDS["baselines"]._default_manager.filter(buyer=claim.buyer_id)),
        content=frame_of(RECORDS["content_lines"]._default_manager.filter(claim=claim.pk)),
        shares=frame_of(RECORDS["claim_shares"]._default_manager.filter(claim=claim.pk)),
        rates=known.rates,
        currency=known.currency,
        rate_type=known.rate_type,
    ).filter(claim_id=claim.pk)
    return [
        (rule, _capital(reason_in("fa" if language() == "fa" else "en", reason)), _(step))
        for rule, reason, step in found.select("rule", "reason", "next_step").iter_rows()
    ]


def savings_of(
    claims: pl.DataFrame, baselines: pl.DataFrame | None = None, known: Reckoning | None = None
) -> pl.DataFrame:
    """Reckon claims by the account's formulas, in the programme's currency.

    Takes the frame of some claims and, where they are at hand, that of their baselines and what
    the programme reckons in. Gives the columns of claims, ``net_currency_saved`` and
    ``cost_effect``. A claim that the formulas cannot be used on, for want of a price or a rate,
    has no row.
    """
    from onshore.account import AccountError, savings

    claims = claims.drop_nulls(["quantity", "baseline_id"])
    if baselines is None:
        baselines = baselines_of(claims)
    known = known or reckoning()
    settings: dict[str, Any] = {
        "rates": known.rates,
        "currency": known.currency,
        "rate_type": known.rate_type,
    }
    reckoned = []
    parts = [claims]
    while parts:
        part = parts.pop()
        try:
            reckoned.append(savings(part, baselines, **settings))
        except (AccountError, FigureError):
            if part.height > 1:
                middle = part.height // 2
                parts += [part[middle:], part[:middle]]
    return pl.concat(reckoned or [savings(claims.clear(), baselines, **settings)])


def baselines_of(claims: pl.DataFrame) -> pl.DataFrame:
    """Give the frame of the baselines that claims are measured against."""
    keys = claims["baseline_id"].drop_nulls().unique().to_list()
    return frame_of(RECORDS["baselines"]._default_manager.filter(pk__in=keys))


def claim_frame(claim: Any) -> pl.DataFrame:
    """Give a claim, saved or not, as a frame of one row."""
    dtypes = schema("claims").dtypes
    values = [getattr(claim, field) for field in fields_of("claims")]
    row = [None if value == "" else value for value in values]
    return pl.DataFrame([row], schema=dtypes, orient="row")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_NEXT_STEPS = (
    gettext_noop("Fill these in; or, for a published lump sum, give stated_amount alone."),
    gettext_noop("Mend the table content_lines, or the claim's imported_content."),
    gettext_noop("Mend the table claim_shares: the shares of a claim are 100 % at most."),
    gettext_noop("Merge the claims, or make their periods follow each other."),
    gettext_noop("Make one deal for each item, with its own deliveries."),
    gettext_noop("Freeze a baseline for this item and buyer, and name it in baseline_id."),
    gettext_noop(
        "Give what is missing in the table baselines, per unit; write 0 where there is none."
    ),
    gettext_noop("Fill these in: a baseline is frozen with its date, volume, evidence and expiry."),
    gettext_noop("Freeze a baseline before the period that it measures."),
    gettext_noop("Freeze a baseline with a price from before the period."),
    gettext_noop("Freeze a new baseline, or end the period before the baseline does."),
    gettext_noop("Name the deal it rests on in deal_id, or claim it as announced."),
    gettext_noop(
        "Record the deliveries and what was accepted of them, or claim what they bear out."
    ),
    gettext_noop("Have it verified by somebody who does not claim it, or claim it as accepted."),
    gettext_noop("Add the rate of that day to the table rates, with its type and source."),
)
"""The next steps that the rules of the account name, for translation."""


def _require_sound(claim: Any, *, verified_by: str = "") -> None:
    broken = broken_rules(claim, verified_by=verified_by)
    if broken:
        raise Refused(
            _("The rules of the account stand against this claim: %s.")
            % " ".join(dict.fromkeys(reason for _rule, reason, _step in broken)),
            " ".join(dict.fromkeys(step for _rule, _reason, step in broken)),
        )


def _require_party(actor: Actor, deal: Any) -> None:
    if actor.is_a(Role.OFFICER) or deal.buyer_id in actor.organisations(Role.ENGINEER):
        return
    raise NotAllowed("claims.file")


def _require_filer(actor: Actor, claim: Any) -> None:
    if claim.claimed_by != actor.name:
        raise Refused(
            _("Only who filed a claim changes it or takes it back."),
            _("A verifier refuses it with the reason."),
        )


def _require_verifier(actor: Actor, claim: Any, deed: str) -> None:
    if claim.claimed_by == actor.name:
        raise Refused(
            _("You filed this claim: another person verifies it."),
            _("Ask another verifier of the buyer."),
        )
    require(actor, deed, claim)


def _open_claim(actor: Actor, claim_id: str, version: int | None) -> Any:
    claim = held(actor, Claim, claim_id, version)
    if claim.basis == "verified":
        raise Refused(_("This claim is verified: it is not changed any more."))
    if claim.quantity is None or claim.baseline_id is None:
        raise Refused(
            _("This is a sum as it was published: there is nothing to reckon."),
            _("File a claim from accepted deliveries."),
        )
    return claim


def _period(text: str) -> str:
    try:
        return str(Period.parse(text))
    except FigureError as error:
        raise Refused(
            _("This period cannot be read: %s.") % text,
            _("Write a year, half, quarter or month, such as 1403, 1403-Q2 or 2024-05."),
            field="period",
        ) from error


def _positive(quantity: Decimal | None) -> Decimal:
    if quantity is None or quantity <= 0:
        raise Refused(
            _("A quantity is more than nothing."),
            _("Write what was accepted in the period."),
            field="quantity",
        )
    return quantity


def _tell_verifiers(deed: Deed, claim: Any) -> None:
    people = people_of(claim.buyer_id, Role.VERIFIER, on=deed.today)
    others = [person for person in people if person != deed.actor.user]
    tell(others, "claim.filed", "claims", str(claim.pk), _about(claim), at=deed.at)


def _tell_filer(deed: Deed, claim: Any, kind: str, **facts: str) -> None:
    people = User.objects.filter(username=claim.claimed_by)
    tell(people, kind, "claims", str(claim.pk), {**_about(claim), **facts}, at=deed.at)


def _about(claim: Any) -> dict[str, str]:
    item = claim.item.description if claim.item else claim.item_id or ""
    return {"item": item, "period": claim.period}
