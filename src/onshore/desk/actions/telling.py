"""Who is told of a deed: the people of the organisations that it concerns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from onshore.desk.models import Role
from onshore.desk.notices.alerts import people_of, tell


def tell_members(
    organisations: Iterable[str | None],
    roles: Iterable[Role],
    *,
    kind: str,
    table: str,
    key: str,
    on: date,
    **facts: Any,
) -> None:
    """Tell all who have one of the roles in one of the organisations on a day."""
    held, wanted = sorted({each for each in organisations if each}), tuple(roles)
    people = [person for each in held for person in people_of(each, *wanted, on=on)]
    tell(people, kind, table, key, facts)
