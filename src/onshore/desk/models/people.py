"""Who works here: people, what they are in which organisation, and since when."""

from enum import StrEnum
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a person is in an organisation."""

    OFFICER = "officer"
    ENGINEER = "engineer"
    VERIFIER = "verifier"
    MAKER = "maker"
    RESEARCHER = "researcher"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """Its name in the page's language."""
        return str(_LABELS[self])


_LABELS = {
    Role.OFFICER: _("Agency officer"),
    Role.ENGINEER: _("Buyer's engineer"),
    Role.VERIFIER: _("Buyer's verifier"),
    Role.MAKER: _("Maker"),
    Role.RESEARCHER: _("Research unit"),
    Role.ANALYST: _("Analyst"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}


class User(AbstractUser):
    """A person who signs in."""

    display_name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=[("en", "English"), ("fa", "فارسی")],
        default="",
        blank=True,
    )
    must_change_password = models.BooleanField(default=False)

    class Meta:
        db_table = "desk_users"

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """A person's role in an organisation, from a day until another; perhaps for one desk."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        "desk.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    role = models.CharField(
        max_length=20, choices=[(role.value, label) for role, label in _LABELS.items()]
    )
    desk = models.ForeignKey("desk.Desk", on_delete=models.PROTECT, null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "desk_memberships"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "since"], name="membership_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_days"
            ),
        ]


class SignedInSession(models.Model):
    """A session of a person, which they or an administrator can end."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in")
    session_key = models.CharField(max_length=40, unique=True)
    began = models.DateTimeField()
    last_seen = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "desk_sessions"


class ApiToken(models.Model):
    """A person's key to the API: only its hash is kept; it may act in one role, or only read."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True)
    role = models.CharField(max_length=20, default="", blank=True)
    reads_only = models.BooleanField(default=False)

    class Meta:
        db_table = "desk_api_tokens"
