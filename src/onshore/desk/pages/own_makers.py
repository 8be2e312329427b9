"""The makers that a person may act for, as a choice on a form."""

from onshore.desk.actor import Actor
from onshore.desk.models import Organisation, Role
from onshore.desk.pages.forms import choose
from onshore.desk.pages.names import named
from onshore.desk.policies import visible

_MOST = 5000


def maker_choices(actor: Actor) -> list[tuple[str, str]]:
    """Give the actor's own makers, the only one without a blank; an officer is given all."""
    rows = visible(actor, Organisation)
    if actor.is_a(Role.OFFICER):
        rows = rows.filter(role__contains="maker")
    else:
        rows = rows.filter(pk__in=actor.organisations(Role.MAKER))
    choices = choose(rows.order_by("name")[:_MOST], named)
    return choices[1:] if len(choices) == 2 else choices
