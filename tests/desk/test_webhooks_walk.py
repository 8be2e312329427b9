"""A webhook from its making to a call sent again, in a browser and both languages."""

import pytest
from browsing import press, send, sound
from django.urls import reverse
from test_webhooks import URL, Other

from onshore.desk.models import Webhook, WebhookCall
from onshore.desk.notices.webhook_calls import deliver_due

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("fa", 390)])
def test_from_a_webhook_to_a_call_sent_again(page_of, people, language, width):
    officer = page_of("officer", language, width)
    officer.goto(reverse("webhooks"))
    sound(officer)
    officer.check("main [name=happenings][value=needs]")
    send(officer, name="ERP", url="http://localhost/hook")
    assert officer.locator("main .errors").inner_text()
    sound(officer)
    officer.troubles.clear()  # the browser's own line about the answer 422
    send(officer, url=URL)
    webhook = Webhook.objects.get()
    sound(officer)
    assert "whsec_" in officer.inner_text("main")
    press(officer, "webhook", webhook.pk)
    officer.click(f'main form[action="{reverse("try_webhook", args=[webhook.pk])}"] button')
    officer.wait_for_load_state()
    call = WebhookCall.objects.get()
    deliver_due(post=Other(503))
    officer.reload()
    sound(officer)
    assert "503" in officer.inner_text("main")
    officer.click(f'main form[action="{reverse("send_call", args=[call.pk])}"] button')
    officer.wait_for_load_state()
    deliver_due(post=Other(200))
    call.refresh_from_db()
    assert call.taken_at is not None
    officer.click(f'main form[action="{reverse("end_webhook", args=[webhook.pk])}"] button')
    officer.wait_for_load_state()
    sound(officer)
    webhook.refresh_from_db()
    assert webhook.ended is not None
    assert officer.troubles == []
