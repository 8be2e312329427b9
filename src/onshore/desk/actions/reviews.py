"""Reviews of proposals: assigned, interests declared first, then scored by the criteria."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.calls import Criterion, is_open
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import RECORDS, Call, Membership, Proposal, Review, Role, User
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import language
from onshore.desk.policies import require
from onshore.figures import shown

Score = RECORDS["scores"]


def possible_reviewers(today: date) -> list[tuple[str, str]]:
    """Give who may be asked to review: names of those who have a role on a day, as a choice."""
    rows = _holding(today).exclude(role=Role.ADMINISTRATOR).select_related("user", "organisation")
    told: dict[str, str] = {}
    for row in rows.order_by("user__username", "pk"):
        where = f" · {row.organisation}" if row.organisation else ""
        told.setdefault(row.user.username, f"{row.user}{where}")
    return list(told.items())


def assign(
    actor: Actor,
    call_id: str,
    *,
    reviewer: str,
    proposals: Sequence[str],
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Give proposals of a closed call to a reviewer.

    Raises
    ------
    Refused
        The call is open or decided, nobody has this name, or one of the proposals is of the
        reviewer's own organisation.
    """
    with acting(actor, "reviews.assign", once=once, at=at) as deed:
        call = held(actor, Call, call_id)
        require(actor, "assign", call)
        if call.published is None or is_open(call, deed.today):
            raise Refused(
                _("The call is open: its proposals may still change."),
                _("Assign reviewers after it closes."),
            )
        if call.decided_on is not None:
            raise Refused(_("This call is decided already."))
        user = User.objects.filter(username=reviewer, is_active=True).first()
        if user is None or not _holding(deed.today).filter(user=user).exists():
            raise Refused(
                _("Nobody who works here has this name."), _("Choose one of them."), "reviewer"
            )
        rows = Proposal._default_manager.filter(call=call, pk__in=proposals, state__in=WAITING)
        asked = list(rows.select_related("proposer").order_by("pk"))
        if not asked:
            raise Refused(
                _("No proposal is chosen."), _("Tick those to be reviewed."), field="proposals"
            )
        _require_others(reviewer, asked, deed.today)
        there = Review._default_manager.filter(reviewer=reviewer, proposal__in=asked)
        known = set(there.values_list("proposal_id", flat=True))
        fresh = [proposal for proposal in asked if proposal.pk not in known]
        if not fresh:
            raise Refused(
                _("These proposals were given to this reviewer before."),
                _("Choose others, or another reviewer."),
                field="proposals",
            )
        for proposal in fresh:
            made = Review(proposal=proposal, reviewer=reviewer, assigned_on=deed.today)
            deed.create(made)
            # The proposal itself is read once no conflict of interest is declared.
            facts = {"proposal": f"{proposal.pk} · {named(proposal.proposer)}"}
            tell([user], "review.assigned", "reviews", str(made.pk), facts, at=deed.at)
        deed.key = str(call.pk)
        return str(call.pk)


def take_back(
    actor: Actor,
    review_id: int | str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take a review back that was not handed in; gives the key of the call."""
    with acting(actor, "reviews.take_back", reason=reason, once=once, at=at) as deed:
        review = held(actor, Review, review_id, version)
        require(actor, "take_back", review)
        call = review.proposal.call_id
        if review.submitted is not None or review.conflict:
            raise Refused(
                _("This review is handed in, or a conflict was declared: it stays in the records.")
            )
        deed.remove(review)
        deed.key = str(call or "")
        return str(call or "")


def declare(
    actor: Actor,
    review_id: int | str,
    *,
    conflict: bool,
    text: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Declare whether a conflict of interest stands, before anything is read or scored.

    Raises
    ------
    Refused
        A conflict is declared without saying which, or was declared before: it cannot be undone.
    """
    with acting(actor, "reviews.declare", once=once, at=at) as deed:
        review = held(actor, Review, review_id, version)
        require(actor, "declare", review)
        _require_undecided(review)
        if review.conflict:
            raise Refused(
                _("You declared a conflict of interest: it stands."),
                _("Another reviewer is asked."),
            )
        if not conflict:
            _require_own_apart(actor, review, deed.today)
        elif not text.strip():
            raise Refused(
                _("It is not told what the conflict of interest is."),
                _("Say in a sentence what ties you to who proposes, or to a rival of theirs."),
                field="text",
            )
        deed.change(
            review, declared_on=deed.today, conflict=bool(conflict), conflict_text=text.strip()
        )
        if conflict:
            facts = {"reviewer": actor.name, "proposal": review.proposal.title}
            officers = people_of("", Role.OFFICER, on=deed.today)
            key = str(review.proposal_id)
            tell(officers, "review.conflict", "proposals", key, facts, at=deed.at)
        return str(review.pk)


def score(
    actor: Actor,
    review_id: int | str,
    *,
    scores: Mapping[str, Decimal | None],
    comment: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Hand in the scores of a proposal, one by each criterion; they may change until it is decided.

    Raises
    ------
    Refused
        No declaration of interests was made, a conflict stands, the proposal is of the
        reviewer's own organisation, or a score is missing or out of range.
    """
    with acting(actor, "reviews.score", once=once, at=at) as deed:
        review = held(actor, Review, review_id, version)
        require(actor, "score", review)
        _require_undecided(review)
        _require_own_apart(actor, review, deed.today)
        if review.declared_on is None:
            raise Refused(
                _("Say first whether a conflict of interest stands."),
                _("Nothing is scored before that is declared."),
            )
        if review.conflict:
            raise Refused(
                _("You declared a conflict of interest: you do not score this proposal."),
                _("Another reviewer is asked."),
            )
        given = _read(review.proposal.call_id, scores)
        same = {"proposal": review.proposal, "reviewer": review.reviewer}
        there = {row.criterion: row for row in Score._default_manager.filter(**same)}
        for name, points in given.items():
            if name in there:
                deed.change(there[name], score=points)
            else:
                deed.create(Score(**same, criterion=name, score=points))
        deed.key = str(review.pk)
        deed.change(review, submitted=deed.today, comment=comment.strip())
        return str(review.pk)


def criteria_of(call_id: str | None) -> list[Any]:
    """Give the criteria of a call, in the order that they were written."""
    return list(Criterion._default_manager.filter(call=call_id).order_by("pk"))


def _read(call_id: str | None, scores: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    given = {}
    for number, criterion in enumerate(criteria_of(call_id), 1):
        points = scores.get(criterion.name)
        if points is None or not 0 <= points <= criterion.most:
            raise Refused(
                _("%(criterion)s is scored from 0 to %(most)s.")
                % {"criterion": criterion.name, "most": shown.number(criterion.most, language())},
                _("Write such a number."),
                field=f"score_{number}",
            )
        given[criterion.name] = points
    return given


def _holding(today: date) -> Any:
    """Give the memberships that hold on a day."""
    held_on = Q(until__isnull=True) | Q(until__gte=today)
    return Membership.objects.filter(held_on, since__lte=today, user__is_active=True)


def _require_others(reviewer: str, asked: Sequence[Any], today: date) -> None:
    rows = _holding(today).filter(user__username=reviewer, organisation__isnull=False)
    own = set(rows.values_list("organisation_id", flat=True))
    theirs = [proposal.title for proposal in asked if proposal.proposer_id in own]
    if theirs:
        raise Refused(
            _("A reviewer does not review a proposal of the own organisation: %s.")
            % ", ".join(theirs[:10]),
            _("Leave it out, and give it to another reviewer."),
            field="proposals",
        )


def _require_own_apart(actor: Actor, review: Any, today: date) -> None:
    rows = _holding(today).filter(user=actor.user)
    if rows.filter(organisation=review.proposal.proposer_id).exists():
        raise Refused(
            _("This proposal is of your own organisation: you do not review it."),
            _("Declare the conflict of interest, so that another reviewer is asked."),
            field="conflict",
        )


def _require_undecided(review: Any) -> None:
    call = review.proposal.call
    if review.proposal.state not in WAITING or (call is not None and call.decided_on):
        raise Refused(_("This proposal is decided or withdrawn already."))
