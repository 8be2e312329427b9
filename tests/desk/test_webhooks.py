"""Webhooks: who is told of what, how a call is signed, where it may go, when it is sent again."""

import json
import shutil
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.urls import reverse
from django.utils import timezone
from filling import typed

from onshore.desk.actions import needs
from onshore.desk.actions import webhooks as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Alert, AuditEntry, Need, Webhook, WebhookCall
from onshore.desk.notices import outward, webhooks
from onshore.desk.notices.webhook_calls import PAUSES, deliver_due
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

URL = "https://hook.example.org/take?of=onshore"
NOON = datetime(2024, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def hook(actors, programme):
    made, _secret = doing.add(actors["officer"], name="ERP", url=URL, happenings=["needs", "deals"])
    return made


class Other:
    """Another system: takes calls, and answers with the statuses that it was given."""

    def __init__(self, *statuses):
        self.statuses, self.taken = list(statuses), []

    def __call__(self, target, body, headers):
        self.taken.append((target, body, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise outward.NotSent("no answer")
        return status, "said"


# --- what is told, and to whom ------------------------------------------------------------------


def test_a_deed_is_told_with_its_records_and_nothing_of_them(actors, hook):
    needs.publish(actors["engineer"], "N1")
    call = WebhookCall.objects.get()
    assert (call.happening, call.webhook) == ("needs.publish", hook)
    told = json.loads(call.body)
    assert told["type"] == "needs.publish"
    assert told["data"] == {"records": [{"table": "needs", "key": "N1"}]}
    assert "bearing" not in call.body


def test_what_is_not_done_is_not_told(actors, hook):
    with pytest.raises(Refused):
        needs.scout(actors["officer"], "N1")
    assert not WebhookCall.objects.exists()


def test_only_what_was_asked_for_is_told(actors, programme):
    doing.add(actors["officer"], name="ERP", url=URL, happenings=["claims"])
    needs.publish(actors["engineer"], "N1")
    assert not WebhookCall.objects.exists()


def test_a_webhook_is_told_of_what_its_owner_sees(actors, programme):
    doing.add(actors["administrator"], name="ERP", url=URL, happenings=["needs"])
    needs.publish(actors["engineer"], "N1")
    assert not WebhookCall.objects.exists()
    Need.objects.update(access="public")
    needs.hold(actors["officer"], "N1", reason="later")
    assert not WebhookCall.objects.exists()  # on hold: the public does not see it
    needs.resume(actors["officer"], "N1", reason="now")
    assert WebhookCall.objects.get().happening == "needs.resume"


def test_an_ended_webhook_is_told_of_nothing(actors, hook):
    needs.publish(actors["engineer"], "N1")
    doing.end(actors["officer"], hook.pk)
    needs.scout(actors["officer"], "N1")
    assert WebhookCall.objects.count() == 1
    other = Other()
    assert deliver_due(post=other) == 0
    assert not other.taken
    with pytest.raises(Refused):
        doing.try_out(actors["officer"], hook.pk)


def test_only_officers_and_administrators_make_them(actors):
    for name in ("engineer", "maker", "analyst", "auditor"):
        with pytest.raises(NotAllowed):
            doing.add(actors[name], name="x", url=URL, happenings=["needs"])
    for told in ({"name": " "}, {"happenings": []}, {"happenings": ["people"]}):
        with pytest.raises(Refused):
            doing.add(
                actors["officer"], **{"name": "x", "url": URL, "happenings": ["needs"], **told}
            )


# --- how it is signed and sent ------------------------------------------------------------------


def test_a_call_is_signed_with_the_secret_that_was_shown(actors, programme):
    made, secret = doing.add(actors["officer"], name="ERP", url=URL, happenings=["needs"])
    assert secret.startswith("whsec_")
    assert secret not in str(Webhook.objects.values())
    assert secret not in str(AuditEntry.objects.values())
    assert made.secret not in str(AuditEntry.objects.values())
    needs.publish(actors["engineer"], "N1")
    other = Other()
    assert deliver_due(post=other) == 1
    ((target, body, headers),) = other.taken
    assert target == outward.Target("hook.example.org", 443, "/take?of=onshore")
    number, moment = headers["webhook-id"], int(headers["webhook-timestamp"])
    assert abs(moment - timezone.now().timestamp()) < 60
    expected = webhooks.signature(secret, number, moment, body.decode())
    assert headers["webhook-signature"] == expected
    assert deliver_due(post=other) == 0  # it was taken: once


def test_a_call_is_sent_again_later_and_later_until_it_is_taken(actors, hook):
    doing.try_out(actors["officer"], hook.pk, at=NOON)
    other, moment = Other(500, 0, 302, 200), NOON
    waited = []
    for _turn in range(3):
        assert deliver_due(at=moment, post=other) == 0
        assert deliver_due(at=moment, post=other) == 0  # not before its time
        call = WebhookCall.objects.get()
        waited.append(call.next_at - moment)
        moment = call.next_at
    assert waited == list(PAUSES[:3])
    assert deliver_due(at=moment, post=other) == 1
    call.refresh_from_db()
    assert (call.tries, call.taken_at, call.next_at) == (4, moment, None)
    numbers = {headers["webhook-id"] for _target, _body, headers in other.taken}
    assert len(numbers) == 1  # so that who took it already knows it again


def test_after_two_days_its_owner_is_told(actors, hook, people):
    doing.try_out(actors["officer"], hook.pk, at=NOON)
    moment, other = NOON, Other(*[503] * 20)
    while (call := WebhookCall.objects.get()).next_at is not None:
        moment = call.next_at
        deliver_due(at=moment, post=other)
    assert call.tries == len(PAUSES) + 1
    assert timedelta(days=1) < moment - NOON < timedelta(days=2.5)
    alert = Alert.objects.get(kind="webhook.failed")
    assert (alert.user, alert.key) == (people["officer"], str(hook.pk))
    doing.send_again(actors["officer"], call.pk, at=moment)
    assert deliver_due(at=moment, post=Other()) == 1


def test_who_is_gone_is_asked_no_more(actors, hook):
    doing.try_out(actors["officer"], hook.pk, at=NOON)
    deliver_due(at=NOON, post=Other(410))
    assert WebhookCall.objects.get().next_at is None


def test_one_that_does_not_answer_holds_up_no_other(actors, hook):
    doing.add(actors["officer"], name="other", url="https://b.example.org", happenings=["needs"])
    needs.publish(actors["engineer"], "N1")
    needs.scout(actors["officer"], "N1")
    sent = []

    def post(target, _body, _headers):
        sent.append(target.host)
        return (500 if target.host == "hook.example.org" else 200), ""

    assert deliver_due(post=post) == 2
    assert sorted(sent) == ["b.example.org", "b.example.org", "hook.example.org"]


def test_old_calls_are_not_kept(actors, hook):
    doing.try_out(actors["officer"], hook.pk, at=NOON)
    deliver_due(at=NOON, post=Other())
    deliver_due(at=NOON + timedelta(days=31), post=Other())
    assert not WebhookCall.objects.exists()


# --- where it may go ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.org/",
        "ftp://hook.example.org/",
        "https://",
        "https://user:word@hook.example.org/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:192.168.0.1]/",
        "https://hook.example.org:99999/",
        "https://hook.example.org/a b",
        "https://hook.example.org/\r\nHost: x",
        "https://" + "a" * 600 + ".example.org/",
    ],
)
def test_addresses_that_are_not_of_the_open_internet_are_refused(url):
    with pytest.raises(Refused) as told:
        outward.target_of(url)
    assert told.value.field == "url"
    assert told.value.next_step


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["100.64.0.1"], ["224.0.0.1"], []],
)
def test_a_name_that_means_a_machine_of_our_own_is_not_called(found):
    target = outward.target_of(URL)
    with pytest.raises(outward.NotSent):
        outward.public_address(target, lambda _host, _port: found)


def test_a_number_that_is_written_otherwise_is_resolved_and_found_out():
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        with pytest.raises((outward.NotSent, Refused)):
            outward.public_address(outward.target_of(f"https://{host}/"))


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Another system on this machine, with a certificate for hook.example.org."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, held = tmp_path / "key.pem", tmp_path / "certificate.pem"
    name = "subjectAltName=DNS:hook.example.org"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made += ["-nodes", "-days", "2", "-subj", "/CN=test", "-addext", name]
    subprocess.run([*made, "-keyout", key, "-out", held], check=True, capture_output=True)

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            taken.append((self.path, dict(self.headers), self.rfile.read(length)))
            self.send_response(302 if self.path == "/elsewhere" else 200)
            self.send_header("Location", "https://127.0.0.1/inside")
            self.end_headers()

        def log_message(self, *_told):
            pass

    taken = []
    server = HTTPServer(("127.0.0.1", 0), Taking)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(held, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(outward, "is_public", lambda _address: True)
    trusting = ssl.create_default_context(cafile=str(held))

    def post(path="/take", host="hook.example.org"):
        target = outward.Target(host, server.server_port, path)
        headers = {"webhook-id": "msg_1"}
        return outward.post(
            target, b"{}", headers, resolve=lambda *_of: ["127.0.0.1"], context=trusting
        )

    yield post, taken
    server.shutdown()
    server.server_close()


def test_a_call_goes_by_tls_to_the_address_that_was_looked_at(system):
    post, taken = system
    assert post() == (200, "")
    ((path, headers, body),) = taken
    assert (path, body, headers["webhook-id"]) == ("/take", b"{}", "msg_1")
    assert headers["Host"].startswith("hook.example.org")


def test_a_redirect_is_not_followed_and_a_wrong_name_not_believed(system):
    post, taken = system
    assert post("/elsewhere")[0] == 302
    assert len(taken) == 1
    with pytest.raises(outward.NotSent, match="certificate"):
        post(host="other.example.org")
    assert len(taken) == 1


# --- the pages ----------------------------------------------------------------------------------


def test_the_secret_is_shown_once(client_of, programme):
    client = client_of("officer")
    told = {"name": "ERP", "url": URL, "happenings": ["needs", "bulletins"], "once": "o1"}
    page = client.post(reverse("webhooks"), told)
    assert "whsec_" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert client.post(reverse("webhooks"), told).status_code == 302
    made = Webhook.objects.get()
    assert made.happenings == ["needs", "bulletins"]
    for address in (reverse("webhooks"), reverse("webhook", args=[made.pk])):
        text = client.get(address).content.decode()
        assert URL.partition("?")[0] in text
        assert "whsec_" not in text
        assert made.secret not in text
    client.post(reverse("try_webhook", args=[made.pk]))
    deliver_due(post=Other(500))
    text = client.get(reverse("webhook", args=[made.pk])).content.decode()
    assert "webhook.tried" in text
    assert "500 said" in text
    client.post(reverse("send_call", args=[WebhookCall.objects.get().pk]))
    client.post(reverse("end_webhook", args=[made.pk]))
    made.refresh_from_db()
    assert made.ended is not None


@pytest.mark.parametrize(
    ("language", "says"), [("en", "not public"), ("fa", "در دسترس همگان نیست")]
)
def test_an_inner_address_is_told_at_its_field(client_of, programme, language, says):
    told = {"name": "x", "url": "https://169.254.169.254/", "happenings": ["needs"]}
    answer = typed(client_of("officer", language), reverse("webhooks"), **told)
    assert answer.status_code == 422
    assert says in answer.context["form"].errors["url"][0]
    assert not Webhook.objects.exists()


def test_a_webhook_is_its_owner_s_and_the_administrator_s(client_of, hook):
    address = reverse("webhook", args=[hook.pk])
    assert client_of("officer").get(address).status_code == 200
    assert client_of("administrator").get(address).status_code == 200
    for name in ("auditor", "engineer", "maker"):
        assert client_of(name).get(address).status_code == 404
        assert client_of(name).get(reverse("webhooks")).status_code == 403
    client_of("administrator").post(reverse("end_webhook", args=[hook.pk]))
    hook.refresh_from_db()
    assert hook.ended is not None
