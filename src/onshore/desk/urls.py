"""Every address of the desk: each module of screens brings its own."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern, URLResolver

from onshore.desk import screens
from onshore.desk.pages import keys  # noqa: F401  (registers a converter)

handler400 = "onshore.desk.screens.failures.bad_request"
handler403 = "onshore.desk.screens.failures.forbidden"
handler404 = "onshore.desk.screens.failures.not_found"
handler500 = "onshore.desk.screens.failures.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    pattern
    for module in iter_modules(screens.__path__)
    for pattern in getattr(import_module(f"{screens.__name__}.{module.name}"), "urlpatterns", [])
]
