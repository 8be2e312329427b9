"""What the desk itself keeps: the audit, double submits, jobs, uploads, alerts, grants."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One line of the audit: who did what to which record, with what was there before.

    Lines are numbered from 1 and chained: each holds the hash of the one before. The database
    itself refuses to change or remove one.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    organisation = models.TextField(default="", blank=True)
    action = models.TextField()
    table = models.TextField()
    key = models.TextField()
    before = models.TextField(default="{}")
    after = models.TextField(default="{}")
    reason = models.TextField(default="", blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entries"
        indexes: ClassVar = [
            models.Index(fields=["key", "table", "number"], name="audit_record"),
            models.Index(fields=["table", "number"], name="audit_table"),
            models.Index(fields=["actor", "number"], name="audit_actor"),
            models.Index(fields=["action", "number"], name="audit_action"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditHead(models.Model):
    """The number and hash of the last line: one row, locked by whoever adds a line."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"


class Submission(models.Model):
    """A form that was carried out, by its token: sent twice, it is done once."""

    token = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField()
    key = models.TextField(default="", blank=True)

    class Meta:
        db_table = "desk_submissions"


class Job(models.Model):
    """Long work in the background: what it does, how far it is, what came of it."""

    class State(models.TextChoices):
        """How a job stands."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.TextField(default="", blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.TextField(default="", blank=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_jobs"
        indexes: ClassVar = [models.Index(fields=["user", "-asked_at"], name="job_user")]


class Upload(models.Model):
    """An import session: a file, how its columns are read, its rows' errors, its end."""

    class State(models.TextChoices):
        """How far a session is."""

        UPLOADED = "uploaded"
        READ = "read"
        COMMITTED = "committed"
        DISCARDED = "discarded"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    organisation = models.ForeignKey("desk.Organisation", on_delete=models.PROTECT, null=True)
    table = models.CharField(max_length=40)
    file = models.FileField(upload_to="uploads/")
    name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    columns = models.JSONField(default=dict)
    mended = models.JSONField(default=dict)
    rows = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()
    summary = models.JSONField(default=dict)

    class Meta:
        db_table = "desk_uploads"


class ColumnMemory(models.Model):
    """Which heading an organisation uses for which column, remembered from its last upload."""

    organisation = models.ForeignKey("desk.Organisation", on_delete=models.CASCADE, null=True)
    table = models.CharField(max_length=40)
    heading = models.TextField()
    column = models.CharField(max_length=60)

    class Meta:
        db_table = "desk_column_memory"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "table", "heading"], name="column_memory_once"
            )
        ]


class Grant(models.Model):
    """A maker's right to read a need's specifications of an access level."""

    need = models.ForeignKey("desk.Need", on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey("desk.Organisation", on_delete=models.CASCADE)
    access = models.CharField(max_length=12)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    on = models.DateField()

    class Meta:
        db_table = "desk_grants"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "organisation"], name="grant_once")
        ]


class PackageNeed(models.Model):
    """A need of a package: ``need_ids`` of the record, to be asked from either side."""

    package = models.ForeignKey("desk.Package", on_delete=models.CASCADE, related_name="lines")
    need = models.ForeignKey("desk.Need", on_delete=models.PROTECT, related_name="in_packages")

    class Meta:
        db_table = "desk_package_needs"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "need"], name="package_need_once")
        ]


class Ranking(models.Model):
    """A ranking of offers that was learned from reviewed candidates."""

    made_at = models.DateTimeField()
    made_by = models.TextField()
    confirmed = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    compared = models.PositiveIntegerField()
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    in_use = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        db_table = "desk_rankings"


class SearchEntry(models.Model):
    """The words of a record, folded, for the search over everything."""

    table = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    words = models.TextField()

    class Meta:
        db_table = "search_entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "key"], name="search_entry_once")
        ]


class Alert(models.Model):
    """Something a person should know, told on the page and by e-mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    table = models.TextField(default="", blank=True)
    key = models.TextField(default="", blank=True)
    facts = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_alerts"
        indexes: ClassVar = [models.Index(fields=["user", "read_at", "-at"], name="alert_user")]


class SavedFilter(models.Model):
    """A list's filter that a person named to come back to."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    address = models.TextField()

    class Meta:
        db_table = "desk_saved_filters"
