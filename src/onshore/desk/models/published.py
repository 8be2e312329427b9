"""What the desk makes known outside: bulletins by vintage, plan scenarios, webhooks."""

from django.conf import settings
from django.db import models


class Bulletin(models.Model):
    """A bulletin as it was published: nothing of it changes, a new vintage is a new row.

    Its address is that of ``slug``, which shows the newest vintage, and ``slug`` with the number
    of the vintage, which always shows the same.
    """

    slug = models.SlugField(max_length=80)
    number = models.PositiveIntegerField()
    title = models.TextField()
    title_fa = models.TextField(default="", blank=True)
    vintage = models.DateField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_by = models.TextField()
    published_at = models.DateTimeField()
    withdrawn = models.TextField(default="", blank=True)

    class Meta:
        db_table = "desk_bulletins"
        constraints = (models.UniqueConstraint(fields=["slug", "number"], name="bulletin_vintage"),)

    def __str__(self) -> str:
        return self.title


class Scenario(models.Model):
    """A plan reckoned under assumptions of its own, to be compared and, if wanted, adopted."""

    title = models.TextField()
    assumptions = models.JSONField()
    result = models.JSONField(null=True)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.TextField(default="", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        db_table = "desk_scenarios"

    def __str__(self) -> str:
        return self.title


class Analysis(models.Model):
    """A result of ``onshore trade``, ``economy`` or ``chain`` that was brought in, as it was."""

    kind = models.TextField()
    title = models.TextField()
    file = models.TextField()
    sha256 = models.CharField(max_length=64)
    content = models.JSONField()
    made_by = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "desk_analyses"

    def __str__(self) -> str:
        return self.title


class Webhook(models.Model):
    """An address of another system that is told of what happens here."""

    name = models.TextField()
    url = models.TextField()
    secret = models.TextField()
    happenings = models.JSONField(default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    created = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_webhooks"

    def __str__(self) -> str:
        return self.name


class WebhookCall(models.Model):
    """A happening on its way to a webhook: tried again, later and later, until it is taken."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    happening = models.TextField()
    body = models.TextField()
    made_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", blank=True)

    class Meta:
        db_table = "desk_webhook_calls"
        indexes = (models.Index(fields=["taken_at", "next_at"], name="webhook_call_next"),)
