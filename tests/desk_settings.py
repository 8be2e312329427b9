"""The desk's settings for tests: its data in a folder of their own, quick password hashes."""

import atexit
import os
import shutil
import tempfile

os.environ["ONSHORE_DATA"] = tempfile.mkdtemp(prefix="onshore-tests-")
atexit.register(shutil.rmtree, os.environ["ONSHORE_DATA"], ignore_errors=True)
os.environ["ONSHORE_SECRET_KEY"] = "only-for-tests-only-for-tests-only-for-tests-only-for-tests"

from onshore.desk.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in use: in memory SQLite has no write-ahead log and no second connection.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['ONSHORE_DATA']}/test.sqlite3"}  # noqa: F405
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
