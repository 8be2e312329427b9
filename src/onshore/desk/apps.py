"""The desk as a Django application."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The desk."""

    name = "onshore.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "onshore"
