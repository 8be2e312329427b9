"""The way from an idea, and from a need nobody can serve, in a browser and both languages."""

from datetime import timedelta

import pytest
from browsing import narrow, send
from django.urls import reverse
from django.utils import timezone

from onshore.desk.models import Challenge, Course, Enrolment, Idea, Need

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_an_idea_to_a_challenge_to_a_course(page_of, programme, language):
    Need.objects.update(state="no-match")
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    public = page_of("public", language, width=390)
    public.goto(reverse("new_idea"))
    assert narrow(public)
    public.fill("[name=title]", "Dry cooling")
    public.fill("[name=summary]", "Air instead of water cools the sinter in every plant.")
    public.fill("[name=handed_in_by]", "Maryam")
    public.fill("[name=contact]", "maryam@example.org")
    send(public)
    idea = Idea.objects.get()
    assert idea.pk in public.inner_text("main")
    assert narrow(public)

    officer = page_of("officer", language)
    officer.goto(reverse("sort_idea", args=[idea.pk]))
    officer.check("[name=decision][value=accepted]")
    officer.fill("[name=reason]", "No plant does this yet.")
    send(officer)
    public.reload()
    assert "No plant does this yet." in public.inner_text("main")

    officer.goto(reverse("challenge_needs"))
    officer.click(f'main a[href="{reverse("need_challenge", args=["N1"])}"]')
    officer.fill("[name=text]", "A bearing that lasts two years in dust.")
    officer.fill("[name=closes]", day)
    send(officer)
    challenge = Challenge.objects.get()
    officer.goto(reverse("publish_challenge", args=[challenge.pk]))
    send(officer)
    maker = page_of("maker", language, width=390)
    maker.goto(reverse("challenge", args=[challenge.pk]))
    assert narrow(maker)
    maker.click(f'main a[href="{reverse("propose_solution", args=[challenge.pk])}"]')
    maker.fill("[name=title]", "Sealed cage")
    maker.fill("[name=summary]", "We seal the cage.")
    send(maker)
    assert "Sealed cage" in maker.inner_text("h1")

    officer.goto(reverse("new_course"))
    officer.fill("[name=title]", "Reading drawings")
    officer.select_option("[name=provider_id]", "university")
    officer.fill("[name=from]", day)
    officer.fill("[name=seats]", "۱" if language == "fa" else "1")
    send(officer)
    course = Course.objects.get()
    maker.goto(reverse("enrol", args=[course.pk]))
    maker.fill("[name=person]", "Ali")
    send(maker)
    assert Enrolment.objects.get().person == "Ali"
    full = {"en": "The course is full.", "fa": "ظرفیت دوره پر است."}[language]
    assert full in maker.inner_text("main")
    for page in (public, officer, maker):
        assert page.troubles == []
        assert page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
