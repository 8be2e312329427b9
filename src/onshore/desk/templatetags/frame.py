"""Tags of the page's frame, for ``desk/base.html``."""

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString

from onshore.desk.actor import Actor
from onshore.desk.models import Alert, Role
from onshore.desk.pages import navigation as places
from onshore.desk.policies import visible

register = template.Library()
register.simple_tag(places.address, name="place_url")

THEMES = ("light", "dark")
THEME_COOKIE = "onshore_theme"


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> str:
    """Give the text of the block ``title``, for the head of the page."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block("title") if blocks else None
    told = block.nodelist.render(context) if block else context.get("title", "")
    return SafeString(strip_tags(str(told)).strip())


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """Give the places that the page's actor has."""
    return places.navigation(context["request"])


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString:
    """Give the attribute of a theme that was chosen; without one the browser's holds."""
    chosen = context["request"].COOKIES.get(THEME_COOKIE)
    return format_html(' data-theme="{}"', chosen) if chosen in THEMES else SafeString("")


@register.simple_tag(takes_context=True)
def unread_alerts(context: Context) -> int:
    """Count the actor's alerts that were not read, up to 99."""
    unread = visible(context["request"].actor, Alert).filter(read_at=None)
    return unread.order_by()[:99].count()


@register.simple_tag
def roles_told(actor: Actor) -> SafeString:
    """Tell the roles of a person."""
    return format_html_join(" · ", "{}", ((Role(role).label,) for role in actor.roles))
