"""The records of a programme: those that people work on, and all the others."""

from typing import Any

from django.db import models

from onshore.desk.models.record_tables import record_model
from onshore.records import tables


def _worked_on(table: str, *indexes: models.Index, **more: models.Field) -> Any:
    """Make the model of records that people change on forms.

    Its version tells whether another was faster.
    """
    version = models.PositiveIntegerField(default=1, editable=False)
    return record_model(table, indexes=indexes, version=version, **more)


class DueFirst(models.Func):
    """The day that something is due, for sorting: what is due on no day comes last.

    Written with its constant, not with a parameter: only so an index serves it in SQLite.
    """

    template = "coalesce(%(expressions)s, '9999-12-31')"
    output_field = models.DateField()


def _index(name: str, *fields: str) -> models.Index:
    return models.Index(fields=fields, name=name)


Organisation = _worked_on("organisations", _index("organisation_name", "name"))
Item = _worked_on("items")
Need = _worked_on(
    "needs",
    _index("need_state", "state", "state_since", "need_id"),
    _index("need_buyer_state", "buyer", "state", "state_since"),
    _index("need_sector_state", "sector", "state", "due", "need_id"),
    _index("need_access_state", "access", "state", "sector", "need_id"),
    models.Index(DueFirst("due"), "need_id", name="need_due_first"),
    _index("need_state_due", "state", "due", "need_id"),
    _index("need_value", "yearly_value"),
    # The day it came to its state.
    state_since=models.DateField(null=True),
    # The day by which somebody has to act.
    due=models.DateField(null=True),
    # The state that a need on hold goes back to.
    held_state=models.TextField(default="", blank=True),
    # Its yearly import value in the programme's currency, for sorting only.
    yearly_value=models.FloatField(null=True),
)
Offer = _worked_on("offers")
Candidate = _worked_on("candidates", _index("candidate_decision", "decision", "category"))
Specification = _worked_on(
    "specifications", content=models.FileField(upload_to="specifications/", blank=True)
)
Quotation = _worked_on("quotations", _index("quotation_state", "state", "submitted"))
Desk = _worked_on("desks")
Package = _worked_on("packages")
Interest = _worked_on("interests")
Deal = _worked_on("deals", _index("deal_basis_until", "basis", "until"))
Qualification = _worked_on("qualifications")
Characteristic = _worked_on("characteristics")
Delivery = _worked_on("deliveries")
Claim = _worked_on(
    "claims",
    _index("claim_basis_period", "basis", "period"),
    # A verifier's refusal; cleared when the claim is mended and filed again.
    refusal=models.TextField(default="", blank=True),
    refused_by=models.TextField(default="", blank=True),
    refused_on=models.DateField(null=True),
)
ImportRule = _worked_on("import_rules")
ImportException = _worked_on(
    "exceptions",
    _index("exception_until", "decision", "until"),
    asked_by=models.TextField(default="", blank=True),
)
Agreement = _worked_on("agreements")
Commitment = _worked_on("commitments", _index("commitment_due", "due"))
Phase = _worked_on("phases")
Call = _worked_on(
    "calls",
    # How proposals were selected: the scores, the bound, and what was left out with its reasons.
    selection=models.JSONField(null=True, blank=True),
)
Proposal = _worked_on("proposals", _index("proposal_state", "state", "received"))
Review = _worked_on("reviews")
Award = _worked_on("awards")
Tranche = _worked_on("tranches")
Idea = _worked_on("ideas", _index("idea_state", "state", "received"))
Founding = _worked_on("foundings")
FoundingStep = _worked_on("founding_steps")
Challenge = _worked_on("challenges")
Study = _worked_on("studies")
Gate = _worked_on("gates")
Pilot = _worked_on("pilots")
Course = _worked_on("courses")
Enrolment = _worked_on("enrolments")
Event = _worked_on(
    "events",
    _index("event_from", "starts"),
    # How its meetings were scheduled: the bound, and the wishes left out with their reasons.
    schedule=models.JSONField(null=True, blank=True),
)
Participant = _worked_on("participants")
Wish = _worked_on("wishes")
Meeting = _worked_on("meetings", _index("meeting_slot", "event", "slot"))
PartnerGood = _worked_on("partner_goods")
Deposit = _worked_on("deposits")
Block = _worked_on("blocks")
BlockOffer = _worked_on("block_offers")
WorkCommitment = _worked_on(
    "work_commitments",
    _index("work_commitment_due", "due"),
    handed_in=models.JSONField(null=True, blank=True),
)
Rig = _worked_on("rigs")
DrillingFinance = _worked_on("drilling_finance")
Estimate = _worked_on("estimates")
ResourceChange = _worked_on("resource_changes")

_WORKED_ON: tuple[Any, ...] = (
    *(Organisation, Item, Need, Offer, Candidate, Specification, Quotation, Desk, Package),
    *(Interest, Deal, Qualification, Characteristic, Delivery, Claim, ImportRule, ImportException),
    *(Agreement, Commitment, Phase, Call, Proposal, Review, Award, Tranche),
    *(Idea, Founding, FoundingStep, Challenge, Study, Gate, Pilot, Course, Enrolment),
    *(Event, Participant, Wish, Meeting, PartnerGood),
    *(Deposit, Block, BlockOffer, WorkCommitment, Rig, DrillingFinance, Estimate, ResourceChange),
)
_BY_TABLE = {model.table: model for model in _WORKED_ON}

RECORDS: dict[str, Any] = {table: _BY_TABLE.get(table) or record_model(table) for table in tables()}
"""The model of each table of the records, by the table's name."""

Comment = RECORDS["comments"]


class ProgrammeSettings(models.Model):
    """What holds for the whole programme: one row, as in a folder's ``programme.toml``."""

    settings = models.JSONField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        db_table = "programme_settings"
