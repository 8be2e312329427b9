"""The second factor: codes of an authenticator app, and recovery codes for when it is lost."""

import os
import secrets
from base64 import b32encode
from binascii import unhexlify
from datetime import date

import segno
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django_otp import login as otp_login
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from onshore.codes import latin_digits
from onshore.desk.models import Membership, Role, User

REQUIRED_OF = (Role.OFFICER, Role.VERIFIER, Role.AUDITOR, Role.ADMINISTRATOR)
"""Roles whose people must have it before they may sign in."""
RECOVERY_CODES = 10

_APP, _CODES = "app", "recovery codes"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def is_due(user: User, today: date) -> bool:
    """Whether a person has, or will have, a role that needs a second factor."""
    if os.environ.get("ONSHORE_SECOND_FACTOR") == "optional":
        return False
    not_over = Q(until__isnull=True) | Q(until__gte=today)
    roles = Membership.objects.filter(not_over, user=user, role__in=REQUIRED_OF)
    return user.is_superuser or roles.exists()


def is_set(user: User) -> bool:
    """Whether a person has set it up."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def begin(user: User) -> TOTPDevice:
    """Give the app's secret that waits for its first code; make one if none waits."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=user, name=_APP, confirmed=False)


def picture(device: TOTPDevice) -> str:
    """Give the QR picture that an app reads, as a data address."""
    return str(segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4))


def secret(device: TOTPDevice) -> str:
    """Give the secret in groups of four letters, to type where no picture can be read."""
    letters = b32encode(unhexlify(device.key)).decode().rstrip("=")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def confirm(user: User, code: str) -> bool:
    """Set it up if the code is that of the waiting app; an older app is forgotten."""
    with transaction.atomic():
        waiting = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if waiting is None or not waiting.verify_token(_plain(code)):
            return False
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        waiting.confirmed = True
        waiting.save(update_fields=["confirmed"])
    return True


def check(user: User, code: str) -> bool:
    """Whether a code is the app's of this half minute or a recovery code, which is then used up.

    After a wrong code the next one is looked at only after a second, then two, four and so on.
    """
    plain = _plain(code)
    kind, token = (
        (TOTPDevice, plain)
        if plain.isdecimal() and len(plain) == 6
        else (StaticDevice, _kept(user, plain))
    )
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device is not None and bool(device.verify_token(token))


def new_recovery_codes(user: User) -> list[str]:
    """Make new recovery codes and forget the old; only their hashes are kept."""
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name=_CODES)
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=_kept(user, _plain(code))) for code in codes
        )
    return codes


def recovery_codes_left(user: User) -> int:
    """Count the recovery codes that were not used."""
    return int(StaticToken.objects.filter(device__user=user).count())


def note_passed(request: HttpRequest) -> None:
    """Note in the session that the second factor was shown."""
    device = TOTPDevice.objects.filter(user=request.user, confirmed=True).first()
    if device is not None:
        otp_login(request, device)


def remove(user: User) -> None:
    """Forget the app and the recovery codes."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _plain(code: str) -> str:
    return "".join(latin_digits(code).upper().replace("-", "").split())


def _kept(user: User, plain: str) -> str:
    return salted_hmac("onshore.desk.recovery_code", f"{user.pk}:{plain}").hexdigest()[:16]
