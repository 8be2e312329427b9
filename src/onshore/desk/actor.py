"""Who acts: a person with the roles that hold today, or the public."""

from dataclasses import dataclass, field
from datetime import date

from onshore.desk.models import Membership, Role, User


@dataclass(frozen=True)
class Actor:
    """A person and what they are today.

    Parameters
    ----------
    user
        None for the public.
    roles
        Organisations of each role that holds today; of the administrator none are needed.
    desks
        Desks that the person's officer roles are bound to; empty for all.
    """

    user: User | None = None
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    desks: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """How the audit names the person."""
        return self.user.username if self.user else "public"

    def is_a(self, *roles: Role) -> bool:
        """Whether the person has one of the roles today."""
        return any(role in self.roles for role in roles)

    def organisations(self, *roles: Role) -> frozenset[str]:
        """Organisations where the person has one of the roles."""
        return frozenset().union(*(self.roles.get(role, frozenset()) for role in roles))

    @property
    def organisation(self) -> str:
        """The organisation that the person acts for; several joined by ``;``."""
        return ";".join(sorted(self.organisations(*Role)))


PUBLIC = Actor()


def actor_of(user: User | None, today: date) -> Actor:
    """Find what a person is on a day, in one query."""
    if user is None or not user.is_authenticated or not user.is_active:
        return PUBLIC
    roles: dict[str, set[str]] = {}
    desks: set[str] = set()
    for role, organisation, desk, since, until in Membership.objects.filter(user=user).values_list(
        "role", "organisation_id", "desk_id", "since", "until"
    ):
        if since <= today and (until is None or today <= until):
            roles.setdefault(role, set()).update([organisation] if organisation else [])
            if desk:
                desks.add(desk)
    if user.is_superuser:
        roles.setdefault(Role.ADMINISTRATOR, set())
    return Actor(user, {r: frozenset(of) for r, of in roles.items()}, frozenset(desks))
