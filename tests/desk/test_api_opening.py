"""A desk opened from a notebook holds the programme that was loaded into it."""

import io
import urllib.error
import urllib.request
from email.message import Message
from urllib.response import addinfourl

import pytest
from django.test import Client
from test_exchange import _same

import onshore
from onshore.desk.actions import tokens
from onshore.desk.actor import PUBLIC
from onshore.desk.tables import exchange
from onshore.records import opening

pytestmark = pytest.mark.django_db


class ThisDesk(urllib.request.BaseHandler):
    """Takes requests to the desk of the test without a network."""

    def https_open(self, request):
        headers = {"authorization": request.get_header("Authorization")}
        answer = Client().get(request.selector, headers=headers)
        told = Message()
        for name, value in answer.headers.items():
            told[name] = value
        body = io.BytesIO(answer.content)
        if answer.status_code != 200:
            url = request.full_url
            raise urllib.error.HTTPError(url, answer.status_code, "", told, body)
        return addinfourl(body, told, request.full_url, 200)


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setenv("ONSHORE_API_A_MINUTE", "0")
    monkeypatch.setattr(opening, "PAGE", 30)  # so that there are pages

    def read(token):
        opener = urllib.request.OpenerDirector()
        opener.add_handler(ThisDesk())
        told = opening.read_desk("https://desk.example.org", token, opener=opener)
        return onshore.records.Programme(*told)

    return read


def test_an_auditor_opens_the_programme_that_was_loaded(worked_example, people, actors, opened):
    for user in people.values():  # the example's organisations come in place of the test's
        user.memberships.update(organisation=None)
    from onshore.desk.models import Organisation

    Organisation.objects.all().delete()
    exchange.load(worked_example, PUBLIC)
    _made, token = tokens.make(actors["auditor"], "notebook", 1, reads_only=True)
    _same(onshore.open(worked_example), opened(token))


def test_a_maker_opens_what_its_pages_show(programme, actors, opened):
    _made, token = tokens.make(actors["maker"], "notebook", 1)
    seen = opened(token)
    assert seen.table("offers")["offer_id"].to_list() == ["O-workshop"]
    assert seen.table("needs").is_empty()
    assert seen.settings.name == "Test programme"
    with pytest.raises(opening.NoDesk, match="refuses the token"):
        opened("onshore_unknown")
