"""A bulletin as one self-contained HTML file."""

import base64
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from onshore.figures import Basis, shown
from onshore.report.bulletin import Bulletin, Chart
from onshore.report.directions import set_apart
from onshore.report.words import Words

if TYPE_CHECKING:
    from jinja2 import Template

_FACES: Final = (
    (
        "Inter",
        "Inter-4.1-variable.woff2",
        "U+0-5FF, U+2000-200B, U+200E, U+2010-2065, U+206A-20FF, U+2100-2BFF",
    ),
    ("Vazirmatn", "Vazirmatn-33.003-variable.woff2", "U+600-6FF, U+200C-200D, U+200F, U+FDFC"),
)

_ROWS_ON_A_PHONE: Final = 8  # as in style.css


def to_html(bulletin: Bulletin, other: str | None = None) -> str:
    """Render a bulletin as a page that needs no other file.

    Style, fonts and pictures are inside the page and it has no scripts, so it opens from a disk
    or a mail and stands under the strictest content security policy. It is printed on A4, turns
    its tables into cards on a phone, and follows the reader's choice of a dark screen.

    Parameters
    ----------
    bulletin
        What is to be shown, in one language.
    other
        Address of the same bulletin in the other language, relative to this one.

    Returns
    -------
    str
        The page. Every text of the bulletin is escaped; only ``Chart.svg`` is taken as it is.

    Raises
    ------
    ModuleNotFoundError
        If the extra ``report`` is not installed.

    Examples
    --------
    >>> from onshore.report import Bulletin, to_html
    >>> page = to_html(Bulletin("en", "Savings <2024>", "", (), (), ()))
    >>> "<h1>Savings &lt;2024&gt;</h1>" in page
    True
    """
    template = _template()
    from markupsafe import Markup

    from onshore.report.html_cells import basis_of, hidden_of, rows_of, text_of

    words = Words(bulletin.locale)
    across = Words("en" if bulletin.locale == "fa" else "fa")
    return template.render(
        b=bulletin,
        other=other,
        other_locale=across.locale,
        style=Markup(_style() + _page_foot(bulletin)),
        say=words.say,
        say_other=across.say,
        phone_rows=shown.digits(str(_ROWS_ON_A_PHONE), bulletin.locale),
        digits=lambda value: shown.digits(str(value), bulletin.locale),
        ladder=sorted(Basis, reverse=True),
        chip=lambda basis: basis_of(basis, words),
        picture=lambda chart: Markup(_picture(chart)),
        apart=lambda text: set_apart(text, bulletin.locale),
        text=text_of,
        rows=lambda table: rows_of(table, words),
        hidden=lambda table: hidden_of(table, words, in_files=bulletin.in_files),
        long=lambda table: table.frame.height - table.total > _ROWS_ON_A_PHONE,
    )


@cache
def _template() -> "Template":
    try:
        import jinja2
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "An HTML page needs the extra 'report'. Install it: pip install 'onshore[report]'"
        ) from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("onshore.report").joinpath("template.html").read_text(encoding="utf-8")
    return environment.from_string(source)


@cache
def _style() -> str:
    report = files("onshore.report")
    faces = []
    for family, file, characters in _FACES:
        font = base64.b64encode(report.joinpath("fonts", file).read_bytes()).decode("ascii")
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:400 700;'
            f"src:url(data:font/woff2;base64,{font}) format('woff2');"
            f"unicode-range:{characters};}}\n"
        )
    return "".join(faces) + "".join(
        report.joinpath(name).read_text(encoding="utf-8")
        for name in ("look/tokens-1.css", "style.css")
    )


def _page_foot(bulletin: Bulletin) -> str:
    """Write the rule that sets the foot and the page number on every printed page."""
    # Every character that could end the string, or the style element, is written as its number.
    foot = "".join(
        character if character.isalnum() or character == " " else f"\\{ord(character):x} "
        for character in bulletin.foot
    )
    near, far = ("right", "left") if bulletin.direction == "rtl" else ("left", "right")
    numerals = "persian" if bulletin.locale == "fa" else "decimal"
    font = f"font:7.5pt var(--font);color:#515c64;direction:{bulletin.direction}"
    text = f'@bottom-{near}{{content:"{foot}";width:80%;text-align:{near};{font}}}'
    page = f"@bottom-{far}{{content:counter(page,{numerals});text-align:{far};{font}}}"
    return f"\n@media print{{@page{{{text}{page}}}}}\n"


def _picture(chart: Chart) -> str:
    # An XML declaration may stand before the element in a file, never inside a page.
    return chart.svg[chart.svg.index("<svg") :]
