"""Where a figure comes from."""

from dataclasses import dataclass
from datetime import date

from onshore.figures.errors import FigureError


@dataclass(frozen=True)
class Source:
    """Who said a figure, where it can be read, and when it was published.

    Parameters
    ----------
    text
        Name of the publication or of the person, as it is cited.
    url
        Address, if there is one.
    published
        Day of publication (Gregorian), if known.

    Raises
    ------
    FigureError
        The text is empty.

    Examples
    --------
    >>> str(Source("Statistical Centre", published=date(2024, 5, 1)))
    'Statistical Centre, 2024-05-01'
    """

    text: str
    url: str | None = None
    published: date | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise FigureError("The source is empty. Write who published the figure.")

    def __str__(self) -> str:
        parts = [self.text, self.published and self.published.isoformat(), self.url]
        return ", ".join(part for part in parts if part)
