"""What an administrator does with people and their roles, and what nobody else may."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onshore.desk.actions import people as deeds
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.actor import actor_of
from onshore.desk.models import AuditEntry, Membership, Role, SignedInSession, User
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
DAY = date(2024, 10, 1)


def open_session(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    SignedInSession.objects.create(
        user=user, session_key=client.session.session_key, began=now, last_seen=now
    )
    return client


def test_a_person_is_added_with_a_password_shown_once(client_of):
    administrator = client_of("administrator")
    answer = administrator.post(
        reverse("person_new"),
        {"display_name": "مریم احمدی", "username": "maryam", "email": "", "language": "fa"},
    )
    word = re.search(r'one-time" dir="ltr">([a-z2-9-]+)<', answer.content.decode())[1]
    maryam = User.objects.get(username="maryam")
    assert maryam.check_password(word)
    assert maryam.must_change_password
    assert word not in administrator.get(reverse("person", args=[maryam.pk])).content.decode()
    line = AuditEntry.objects.get(action="people.add")
    assert maryam.password not in line.after
    assert word not in line.after
    assert "maryam" in line.after


def test_the_same_form_sent_twice_adds_one_person(client_of):
    administrator = client_of("administrator")
    typed = {"display_name": "A", "username": "a.b", "language": "en", "once": "x" * 32}
    assert administrator.post(reverse("person_new"), typed).status_code == 200
    second = administrator.post(reverse("person_new"), typed)
    assert second.url == reverse("person", args=[User.objects.get(username="a.b").pk])
    assert User.objects.filter(username="a.b").count() == 1


@pytest.mark.parametrize("name", ["two words", "", "a/b", "MAKER", "<b>"])
def test_a_sign_in_name_that_cannot_be_used_is_told(client_of, name):
    typed = {"display_name": "A", "username": name, "language": "en"}
    answer = client_of("administrator").post(reverse("person_new"), typed)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()


def test_no_line_of_the_audit_holds_a_password_hash(actors, people):
    admin, maker = actors["administrator"], people["maker"].pk
    deeds.change_person(admin, maker, display_name="M", email="m@example.org", language="fa")
    deeds.reset_password(admin, maker, password="for one sign-in only", reason="forgot")
    deeds.deactivate(admin, maker, reason="left")
    deeds.activate(admin, maker, reason="back")
    lines = AuditEntry.objects.filter(table="desk_users")
    assert lines.count() == 4
    for line in lines:
        for told in (line.before, line.after):
            assert "argon2" not in told
            assert "md5$" not in told
            assert "for one sign-in" not in told


DEEDS = {
    "add": lambda actor, _user: deeds.add_person(actor, username="new", password=PASSWORD),
    "change": lambda actor, user: deeds.change_person(
        actor, user.pk, display_name="X", email="", language="en"
    ),
    "reset password": lambda actor, user: deeds.reset_password(
        actor, user.pk, password="x", reason="y"
    ),
    "reset second factor": lambda actor, user: deeds.reset_second_factor(
        actor, user.pk, reason="y"
    ),
    "deactivate": lambda actor, user: deeds.deactivate(actor, user.pk, reason="y"),
    "activate": lambda actor, user: deeds.activate(actor, user.pk, reason="y"),
    "add membership": lambda actor, user: deeds.add_membership(
        actor, user.pk, role=Role.ADMINISTRATOR
    ),
    "end membership": lambda actor, user: deeds.end_membership(
        actor, user.memberships.get().pk, reason="y"
    ),
    "end sessions": lambda actor, user: deeds.end_sessions(actor, user.pk),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_the_administrator_does_this(people, actors, deed, role):
    before = [User.objects.count(), Membership.objects.count()]
    for user in (people["rival"], people[role]):  # neither with others nor with oneself
        with pytest.raises((NotAllowed, Refused)):
            DEEDS[deed](actors[role], user)
    assert [User.objects.count(), Membership.objects.count()] == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_the_administrator_does_this(people, actors, deed):
    open_session(people["rival"])
    DEEDS[deed](actors["administrator"], people["rival"])
    assert AuditEntry.objects.filter(actor="administrator").exists() is (deed != "activate")


def test_a_role_holds_from_its_first_day_to_its_last(people, actors):
    membership = deeds.add_membership(
        actors["administrator"],
        people["maker"].pk,
        role=Role.ANALYST,
        since=DAY,
        until=DAY + timedelta(days=9),
    )
    for offset, holds in ((-1, False), (0, True), (9, True), (10, False)):
        roles = actor_of(people["maker"], DAY + timedelta(days=offset)).roles
        assert (Role.ANALYST in roles) is holds
    assert AuditEntry.objects.get(table="desk_memberships").key == str(membership.pk)


def test_a_role_in_an_organisation_needs_one_that_has_such_people(people, actors, organisations):
    for organisation in (None, organisations["workshop"]):
        with pytest.raises(Refused) as refused:
            deeds.add_membership(
                actors["administrator"],
                people["maker"].pk,
                role=Role.ENGINEER,
                organisation=organisation,
            )
        assert refused.value.field == "organisation"


def test_the_same_role_twice_in_the_same_days_is_refused(people, actors, organisations):
    with pytest.raises(Refused) as refused:
        deeds.add_membership(
            actors["administrator"],
            people["maker"].pk,
            role=Role.MAKER,
            organisation=organisations["workshop"],
            since=DAY,
        )
    assert refused.value.field == "since"


def test_a_role_ended_at_once_is_gone_at_once(people, actors):
    today = timezone.localdate()
    deeds.end_membership(
        actors["administrator"], people["maker"].memberships.get().pk, reason="left"
    )
    assert not actor_of(people["maker"], today).roles
    assert people["maker"].memberships.get().until == today - timedelta(days=1)


def test_a_role_given_today_and_ended_today_is_removed_and_stays_in_the_audit(people, actors):
    admin = actors["administrator"]
    membership = deeds.add_membership(admin, people["maker"].pk, role=Role.ANALYST)
    deeds.end_membership(admin, membership.pk, reason="a mistake")
    assert not Membership.objects.filter(role=Role.ANALYST, user=people["maker"]).exists()
    last = AuditEntry.objects.order_by("-number").first()
    assert (last.action, last.reason, last.after) == (
        "people.end_membership",
        "a mistake",
        "{}",
    )


def test_the_last_administrator_cannot_be_shut_out(people, actors):
    admin, own = actors["administrator"], people["administrator"]
    with pytest.raises(Refused, match="last administrator"):
        deeds.deactivate(admin, own.pk, reason="x")
    with pytest.raises(Refused, match="last administrator"):
        deeds.end_membership(admin, own.memberships.get().pk, reason="x")
    deeds.add_membership(admin, people["officer"].pk, role=Role.ADMINISTRATOR)
    deeds.deactivate(admin, own.pk, reason="moves on")
    assert not User.objects.get(pk=own.pk).is_active


def test_a_role_that_needs_a_second_factor_ends_the_sessions_without_one(people, actors):
    client = open_session(people["maker"])
    deeds.add_membership(actors["administrator"], people["maker"].pk, role=Role.AUDITOR)
    assert client.get(reverse("account")).status_code == 302
    assert not SignedInSession.objects.filter(user=people["maker"]).exists()


def test_another_role_leaves_the_sessions_alone(people, actors):
    client = open_session(people["maker"])
    deeds.add_membership(actors["administrator"], people["maker"].pk, role=Role.ANALYST)
    assert client.get(reverse("account")).status_code == 200


@pytest.mark.parametrize("deed", [deeds.deactivate, deeds.reset_second_factor, deeds.activate])
def test_a_deed_without_its_reason_is_refused(people, actors, deed):
    with pytest.raises(Refused) as refused:
        deed(actors["administrator"], people["maker"].pk, reason="  ")
    assert refused.value.field == "reason"


def test_a_deed_sent_twice_is_done_once(people, actors):
    told = {"display_name": "X", "email": "", "language": "en", "once": "o" * 32}
    deeds.change_person(actors["administrator"], people["maker"].pk, **told)
    with pytest.raises(AlreadyDone) as done:
        deeds.change_person(actors["administrator"], people["maker"].pk, **told)
    assert done.value.key == str(people["maker"].pk)
    assert AuditEntry.objects.filter(action="people.change").count() == 1


def test_a_role_is_given_and_ended_on_the_pages(people, client_of):
    administrator, maker = client_of("administrator"), people["maker"]
    typed = {"role": "engineer", "organisation": "steelworks", "since": "۱۴۰۳/۰۷/۱۰"}
    answer = administrator.post(reverse("person_role", args=[maker.pk]), typed)
    assert answer.url == reverse("person", args=[maker.pk])
    membership = maker.memberships.get(role="engineer")
    assert membership.since == date(2024, 10, 1)
    page = administrator.get(answer.url).content.decode()
    assert reverse("person_role_end", args=[membership.pk]) in page
    ended = administrator.post(
        reverse("person_role_end", args=[membership.pk]), {"reason": "moved", "until": "2024-10-05"}
    )
    assert ended.status_code == 302
    membership.refresh_from_db()
    assert membership.until == date(2024, 10, 5)


def test_an_unknown_organisation_is_told_and_what_was_typed_stays(people, client_of):
    typed = {"role": "engineer", "organisation": "steelwroks", "since": "2024-10-01"}
    answer = client_of("administrator").post(
        reverse("person_role", args=[people["maker"].pk]), typed
    )
    assert answer.status_code == 422
    assert "steelwroks" in answer.content.decode()
    assert "2024-10-01" in answer.content.decode()


def test_the_list_of_people_filters_and_exports(people, client_of):
    administrator = client_of("administrator")
    page = administrator.get(reverse("people"), {"role": "verifier"}).content.decode()
    assert reverse("person", args=[people["verifier"].pk]) in page
    assert reverse("person", args=[people["maker"].pk]) not in page
    export = administrator.get(reverse("people"), {"q": "rival", "export": "csv"})
    lines = export.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert "rival" in lines[1]
    assert "md5$" not in export.content.decode("utf-8-sig")


def test_the_list_of_people_takes_a_bounded_number_of_queries(
    people, client_of, organisations, django_assert_max_num_queries
):
    for number in range(60):
        user = User.objects.create_user(f"p{number}")
        Membership.objects.create(
            user=user, organisation=organisations["workshop"], role=Role.MAKER, since=DAY
        )
    administrator = client_of("administrator")
    administrator.get(reverse("people"))
    with django_assert_max_num_queries(12):
        administrator.get(reverse("people"))


def test_the_administrator_ends_sessions_on_the_page(people, client_of):
    maker = open_session(people["maker"])
    session = SignedInSession.objects.get(user=people["maker"])
    administrator = client_of("administrator")
    page = administrator.get(reverse("person", args=[people["maker"].pk])).content.decode()
    assert reverse("person_end_session", args=[session.pk]) in page
    administrator.post(reverse("person_end_session", args=[session.pk]))
    assert maker.get(reverse("account")).status_code == 302
    again = open_session(people["maker"])
    administrator.post(reverse("person_end_sessions", args=[people["maker"].pk]))
    assert again.get(reverse("account")).status_code == 302
