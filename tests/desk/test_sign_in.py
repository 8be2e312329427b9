"""Signing in: password, second factor, lockout, one-time passwords, sessions."""

import re
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from onshore.desk.actions import people as deeds
from onshore.desk.entering import second_factor, sessions
from onshore.desk.models import AuditEntry, SignedInSession, User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
NEW = "another long word of four"


def send(client: Client, name: str, **typed: str):
    return client.post(reverse(name), typed)


def code_of(user: User, *, steps: int = 0) -> str:
    """The code that the person's app shows, some half minutes from now."""
    device = TOTPDevice.objects.filter(user=user).order_by("-confirmed").first()
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    app.time = time.time() + 30 * steps
    return f"{app.token():06}"


def wait() -> None:
    """Let the second pass that a wrong code makes the next one wait."""
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def set_up(user: User) -> list[str]:
    second_factor.begin(user)
    assert second_factor.confirm(user, code_of(user))
    return second_factor.new_recovery_codes(user)


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def test_a_maker_signs_in_with_name_and_password(people):
    client = Client()
    answer = send(client, "sign_in", username="maker", password=PASSWORD)
    assert answer.status_code == 302
    assert answer.url == reverse("home")
    assert is_in(client)
    session = SignedInSession.objects.get(user=people["maker"])
    assert session.session_key == client.session.session_key
    assert AuditEntry.objects.filter(action="account.sign_in", actor="maker").count() == 1


def test_wrong_password_and_unknown_name_say_the_same(people):
    wrong = send(Client(), "sign_in", username="maker", password="no")
    unknown = send(Client(), "sign_in", username="nobody", password="no")
    assert wrong.status_code == unknown.status_code == 422
    texts = [
        re.search(r'class="errors".*?</div>', answer.content.decode(), re.DOTALL)[0]
        for answer in (wrong, unknown)
    ]
    assert texts[0] == texts[1]


def test_five_wrong_passwords_lock_the_name_out_even_for_the_right_one(people):
    client = Client()
    for _attempt in range(4):
        assert send(client, "sign_in", username="maker", password="no").status_code == 422
    assert send(client, "sign_in", username="maker", password="no").status_code == 429
    answer = send(client, "sign_in", username="maker", password=PASSWORD)
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert not is_in(client)


def test_a_new_password_by_the_administrator_ends_the_lockout(people, actors):
    client = Client()
    for _attempt in range(5):
        send(client, "sign_in", username="maker", password="no")
    word = deeds.one_time_password()
    deeds.reset_password(
        actors["administrator"], people["maker"].pk, password=word, reason="locked out"
    )
    assert AccessAttempt.objects.count() == 0
    answer = send(client, "sign_in", username="maker", password=word)
    assert answer.url == reverse("sign_in_password")
    assert not is_in(client)
    same = send(client, "sign_in_password", password=word, again=word)
    assert same.status_code == 422
    weak = send(client, "sign_in_password", password="password1234", again="password1234")
    assert weak.status_code == 422
    assert "too common" in weak.content.decode()
    differs = send(client, "sign_in_password", password=NEW, again=NEW + "s")
    assert differs.status_code == 422
    assert send(client, "sign_in_password", password=NEW, again=NEW).url == reverse("home")
    assert is_in(client)
    people["maker"].refresh_from_db()
    assert not people["maker"].must_change_password


@pytest.mark.parametrize("role", ["officer", "verifier", "auditor", "administrator"])
def test_who_decides_or_confirms_has_to_set_up_a_second_factor_first(people, role):
    client = Client()
    answer = send(client, "sign_in", username=role, password=PASSWORD)
    assert answer.url == reverse("sign_in_second_factor")
    assert not is_in(client)
    page = client.get(answer.url).content.decode()
    assert 'src="data:image/svg+xml' in page
    assert send(client, "sign_in_second_factor", code="12345").status_code == 422
    assert not is_in(client)
    wait()
    answer = send(client, "sign_in_second_factor", code=code_of(people[role]))
    codes = re.findall(r'class="code">([A-Z2-9]{5}-[A-Z2-9]{5})<', answer.content.decode())
    assert len(set(codes)) == 10
    assert is_in(client)


def test_the_second_factor_may_be_made_optional(people, monkeypatch):
    monkeypatch.setenv("ONSHORE_SECOND_FACTOR", "optional")
    client = Client()
    assert send(client, "sign_in", username="officer", password=PASSWORD).url == reverse("home")
    assert is_in(client)


def test_whoever_has_a_second_factor_is_asked_for_it(people):
    set_up(people["maker"])
    TOTPDevice.objects.update(last_t=-1)
    client = Client()
    answer = send(client, "sign_in", username="maker", password=PASSWORD)
    assert answer.url == reverse("sign_in_code")
    assert not is_in(client)
    assert send(client, "sign_in_code", code="000000").status_code == 422
    assert not is_in(client)
    wait()
    latin = code_of(people["maker"])
    persian = latin.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert send(client, "sign_in_code", code=persian).url == reverse("home")
    assert is_in(client)


def test_a_code_holds_only_once(people):
    set_up(people["maker"])
    TOTPDevice.objects.update(last_t=-1)
    code = code_of(people["maker"])
    assert second_factor.check(people["maker"], code)
    assert not second_factor.check(people["maker"], code)


def test_after_a_wrong_code_even_the_right_one_has_to_wait(people):
    set_up(people["maker"])
    TOTPDevice.objects.update(last_t=-1)
    assert not second_factor.check(people["maker"], "000000")
    assert not second_factor.check(people["maker"], code_of(people["maker"]))


def test_a_recovery_code_lets_in_once_and_is_kept_as_a_hash(people):
    codes = set_up(people["maker"])
    assert not StaticToken.objects.filter(token__in=[x.replace("-", "") for x in codes]).exists()
    for expected in (302, 422):
        client = Client()
        send(client, "sign_in", username="maker", password=PASSWORD)
        answer = send(client, "sign_in_code", code=codes[0].lower())
        assert answer.status_code == expected
        assert is_in(client) is (expected == 302)
    assert second_factor.recovery_codes_left(people["maker"]) == 9


def test_a_recovery_code_of_somebody_else_opens_nothing(people):
    codes = set_up(people["maker"])
    set_up(people["rival"])
    assert not second_factor.check(people["rival"], codes[0])


def test_no_step_can_be_entered_without_the_password(people):
    set_up(people["maker"])
    client = Client()
    for name in ("sign_in_code", "sign_in_password", "sign_in_second_factor"):
        assert client.get(reverse(name)).url == reverse("sign_in")
        answer = send(client, name, code=code_of(people["maker"]), password=NEW, again=NEW)
        assert answer.url == reverse("sign_in")
    assert not is_in(client)


def test_the_way_in_ends_after_ten_minutes(people):
    set_up(people["maker"])
    TOTPDevice.objects.update(last_t=-1)
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    session = client.session
    late = timezone.now() - timedelta(minutes=11)
    session["signing in"] = {**session["signing in"], "since": late.isoformat()}
    session.save()
    answer = send(client, "sign_in_code", code=code_of(people["maker"]))
    assert answer.url == reverse("sign_in")
    assert not is_in(client)


def test_a_one_time_password_does_not_go_round_the_second_factor(people):
    set_up(people["maker"])
    people["maker"].must_change_password = True
    people["maker"].save()
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    answer = send(client, "sign_in_password", password=NEW, again=NEW)
    assert answer.url == reverse("sign_in")
    people["maker"].refresh_from_db()
    assert people["maker"].check_password(PASSWORD)


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/account/", "/account/"),
        ("https://elsewhere.example/", None),
        ("//elsewhere.example/", None),
        ("javascript:alert(1)", None),
        ("/\\elsewhere.example", None),
    ],
)
def test_signing_in_goes_on_only_within_the_desk(people, asked, goes_to):
    client = Client()
    answer = client.post(
        reverse("sign_in", query={"next": asked}), {"username": "maker", "password": PASSWORD}
    )
    assert answer.url == (goes_to or reverse("home"))


def test_signing_in_changes_the_session_key(people):
    client = Client()
    client.get(reverse("sign_in"))
    session = client.session
    session["planted"] = True
    session.save()
    before = client.session.session_key
    send(client, "sign_in", username="maker", password=PASSWORD)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_and_needs_a_post(people):
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    key = client.session.session_key
    assert client.get(reverse("sign_out")).status_code == 405
    assert is_in(client)
    assert client.post(reverse("sign_out")).url == reverse("sign_in")
    assert not is_in(client)
    assert not SignedInSession.objects.filter(session_key=key).exists()
    assert not Session.objects.filter(session_key=key).exists()


def test_an_ended_session_loses_access_at_its_next_request(people, actors):
    client, other = Client(), Client()
    for one in (client, other):
        send(one, "sign_in", username="maker", password=PASSWORD)
    ended = SignedInSession.objects.get(session_key=client.session.session_key)
    deeds.end_session(actors["administrator"], ended.pk)
    assert not is_in(client)
    assert is_in(other)


def test_one_ends_ones_own_other_session_and_nobody_elses(people):
    mine, other, rival = Client(), Client(), Client()
    for one, name in ((mine, "maker"), (other, "maker"), (rival, "rival")):
        send(one, "sign_in", username=name, password=PASSWORD)

    def end(one: Client):
        row = SignedInSession.objects.get(session_key=one.session.session_key)
        return mine.post(reverse("account_end_session", args=[row.pk])).status_code

    assert end(rival) == 404
    assert is_in(rival)
    assert end(other) == 302
    assert not is_in(other)
    assert is_in(mine)


def test_a_password_change_ends_the_other_sessions_and_goes_on_here(people):
    mine, other = Client(), Client()
    for one in (mine, other):
        send(one, "sign_in", username="maker", password=PASSWORD)
    wrong = send(mine, "account_password", old_password="no", password=NEW, again=NEW)
    assert wrong.status_code == 422
    assert is_in(other)
    right = send(mine, "account_password", old_password=PASSWORD, password=NEW, again=NEW)
    assert right.url == reverse("account")
    assert is_in(mine)
    assert not is_in(other)
    key = mine.session.session_key
    assert list(SignedInSession.objects.values_list("session_key", flat=True)) == [key]


def test_deactivated_people_are_out_at_once_and_stay_out(people, actors):
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    deeds.deactivate(actors["administrator"], people["maker"].pk, reason="left the workshop")
    assert not is_in(client)
    assert send(client, "sign_in", username="maker", password=PASSWORD).status_code == 422
    deeds.activate(actors["administrator"], people["maker"].pk, reason="is back")
    assert send(client, "sign_in", username="maker", password=PASSWORD).status_code == 302


def test_expired_sessions_are_forgotten_at_the_next_sign_in(people):
    first, second = Client(), Client()
    send(first, "sign_in", username="maker", password=PASSWORD)
    gone = first.session.session_key
    Session.objects.filter(session_key=gone).update(
        expire_date=timezone.now() - timedelta(minutes=1)
    )
    send(second, "sign_in", username="maker", password=PASSWORD)
    keys = SignedInSession.objects.values_list("session_key", flat=True)
    assert list(keys) == [second.session.session_key]


def test_the_second_factor_is_set_up_and_removed_on_ones_own_page(people):
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    client.get(reverse("account_second_factor"))
    answer = send(client, "account_second_factor", code=code_of(people["maker"]))
    assert answer.status_code == 200
    assert second_factor.is_set(people["maker"])
    assert send(client, "account_second_factor_remove", code="000000").status_code == 422
    TOTPDevice.objects.update(last_t=-1, throttling_failure_count=0)
    answer = send(client, "account_second_factor_remove", code=code_of(people["maker"]))
    assert answer.url == reverse("account")
    assert not second_factor.is_set(people["maker"])


def test_an_officer_cannot_do_without_a_second_factor(people):
    set_up(people["officer"])
    TOTPDevice.objects.update(last_t=-1)
    client = Client()
    send(client, "sign_in", username="officer", password=PASSWORD)
    send(client, "sign_in_code", code=code_of(people["officer"]))
    TOTPDevice.objects.update(last_t=-1)
    answer = send(client, "account_second_factor_remove", code=code_of(people["officer"]))
    assert answer.status_code == 422
    assert second_factor.is_set(people["officer"])


def test_a_code_of_a_waiting_app_does_not_open_what_the_old_app_guards(people):
    set_up(people["maker"])
    waiting = second_factor.begin(people["maker"])
    app = TOTP(waiting.bin_key, waiting.step, waiting.t0, waiting.digits, waiting.drift)
    app.time = time.time()
    assert not second_factor.check(people["maker"], f"{app.token():06}")


def test_pages_of_the_signed_in_are_kept_out_of_caches(people):
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    assert "no-store" in client.get(reverse("account"))["Cache-Control"]


def test_when_a_session_was_last_seen_is_kept_every_five_minutes(people):
    client = Client()
    send(client, "sign_in", username="maker", password=PASSWORD)
    client.get(reverse("account"))
    long_ago = timezone.now() - timedelta(hours=1)
    SignedInSession.objects.update(last_seen=long_ago)
    client.get(reverse("account"))
    assert SignedInSession.objects.get().last_seen == long_ago
    session = client.session
    session["seen"] = (timezone.now() - sessions.SEEN_EVERY).isoformat()
    session.save()
    client.get(reverse("account"))
    assert SignedInSession.objects.get().last_seen > long_ago


def test_the_language_of_the_person_is_the_page_s_after_signing_in(people):
    User.objects.filter(pk=people["maker"].pk).update(language="fa")
    client = Client(headers={"accept-language": "en"})
    send(client, "sign_in", username="maker", password=PASSWORD)
    assert 'lang="fa"' in client.get(reverse("account")).content.decode()


def test_a_form_whose_session_ended_comes_back_after_signing_in(people):
    client = Client()
    url = reverse("organisation_change", args=["workshop"])
    answer = client.post(url, {"name": "A name typed for an hour", "password": "no matter"})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("sign_in"))
    entered = client.post(answer.url, {"username": "maker", "password": PASSWORD})
    assert entered.url == url
    assert "A name typed for an hour" in client.get(url).content.decode()
    assert "no matter" not in str(dict(client.session))
    assert "A name typed for an hour" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("<b>" * 200, "<b>" * 100),
    ],
)
def test_a_session_names_its_browser(header, name):
    assert sessions.browser_of(header) == name
