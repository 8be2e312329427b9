"""A need's life: its states and the moves between them, as data.

What a move needs beyond its states (a confirmed candidate, accepted deliveries) is held by the
action of the same name in `onshore.desk.actions`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from onshore.desk.models import Role

LIFE = (
    *("draft", "published", "scouting", "matched", "offer", "MoU", "contracted"),
    *("sample", "qualified", "serial supply", "verified localized"),
)
"""The way of a need that comes to its end, in order."""

SIDE_EXITS = (
    *("no-match", "on hold", "withdrawn", "failed"),
    *("import exception", "reverted to import"),
)
OPEN = (*LIFE[1:-1], "no-match", "import exception")
"""States in which somebody has something to do."""

BUYER = (Role.ENGINEER,)
AGENCY = (Role.OFFICER,)


@dataclass(frozen=True)
class Move:
    """A move of a need from one of its states to another.

    Parameters
    ----------
    name
        Name of its action.
    label
        What its button says.
    sources, target
        States it may start from, and the state it leads to; a target of "" is told by the action.
    roles
        Who may do it; a buyer's engineer or verifier only for the buyer's own needs, a maker
        only for needs it has a quotation or deal for.
    days
        Days within which the next move is due; 0 where none is.
    reason
        Whether a reason has to be given.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[Role, ...]
    days: int = 0
    reason: bool = False


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move("publish", _("Publish"), ("draft",), "published", (*BUYER, *AGENCY), 30),
        Move("scout", _("Start scouting"), ("published", "no-match"), "scouting", AGENCY, 60),
        Move("match", _("Record a match"), ("scouting",), "matched", AGENCY, 45),
        Move("no_match", _("No maker found"), ("scouting",), "no-match", AGENCY, 180, reason=True),
        Move("take_offer", _("Take up an offer"), ("matched",), "offer", (*BUYER, *AGENCY), 60),
        Move("sign_mou", _("Record an MoU"), ("offer",), "MoU", (*BUYER, *AGENCY), 180),
        Move(
            "sign_contract",
            _("Record a contract"),
            ("offer", "MoU"),
            "contracted",
            (*BUYER, *AGENCY),
            180,
        ),
        Move("send_sample", _("Send a sample"), ("contracted",), "sample", (Role.MAKER,), 60),
        Move("qualify", _("Qualify"), ("sample",), "qualified", BUYER, 120),
        Move("reject_sample", _("Reject the sample"), ("sample",), "contracted", BUYER, 90, True),
        Move("start_serial", _("Start serial supply"), ("qualified",), "serial supply", BUYER, 365),
        Move(
            "verify_localized",
            _("Verify as localized"),
            ("serial supply",),
            "verified localized",
            (Role.VERIFIER,),
        ),
        Move("hold", _("Put on hold"), (*OPEN, "draft"), "on hold", (*BUYER, *AGENCY), 90, True),
        Move("resume", _("Resume"), ("on hold",), "", (*BUYER, *AGENCY)),
        Move("withdraw", _("Withdraw"), ("draft", *OPEN, "on hold"), "withdrawn", BUYER, 0, True),
        Move("fail", _("Give up as failed"), OPEN, "failed", (*BUYER, *AGENCY), 0, True),
        Move(
            "except_from_rule",
            _("Let in by exception"),
            ("published", "scouting", "no-match"),
            "import exception",
            AGENCY,
            0,
            True,
        ),
        Move(
            "end_exception",
            _("End the exception"),
            ("import exception",),
            "scouting",
            AGENCY,
            60,
        ),
        Move(
            "revert_to_import",
            _("Revert to import"),
            ("qualified", "serial supply", "verified localized"),
            "reverted to import",
            (*BUYER, *AGENCY),
            0,
            True,
        ),
        Move(
            "reopen",
            _("Reopen"),
            ("withdrawn", "failed", "reverted to import"),
            "published",
            (*BUYER, *AGENCY),
            30,
            True,
        ),
    )
}


DAYS: dict[str, int] = {move.target: move.days for move in reversed(MOVES.values()) if move.target}
"""Days within which a need has to leave a state; 0 where it may stay."""


def moves_from(state: str) -> tuple[Move, ...]:
    """Give the moves that start from a state."""
    return tuple(move for move in MOVES.values() if state in move.sources)
