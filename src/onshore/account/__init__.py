"""Claims, deals and deliveries in; savings by how far they are proved, out."""

from onshore.account.errors import AccountError
from onshore.account.ladder import by_basis
from onshore.account.published import stated
from onshore.account.rules import check_claims, sound_claims
from onshore.account.savings import savings

__all__ = ["AccountError", "by_basis", "check_claims", "savings", "sound_claims", "stated"]
