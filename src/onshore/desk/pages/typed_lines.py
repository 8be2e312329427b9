"""A form with a table that lines are typed into, such as tranches or criteria."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from onshore.desk.pages.forms import DayField, NumberField, OnceForm, typed_as
from onshore.desk.pages.wording import language
from onshore.figures import shown

SPARE = 3
"""Empty lines under those that are filled."""
MOST_LINES = 60


@dataclass(frozen=True)
class Cell:
    """A column of the table: its name, its heading, and ``text``, ``number`` or ``day``."""

    name: str
    heading: Any
    kind: str = "text"


class LinesForm(OnceForm):
    """Facts, and under them lines of cells; an empty line says nothing.

    Parameters
    ----------
    cells
        The columns.
    lines
        What the lines hold at first, by the names of the cells.
    least
        Lines that the form has at least.
    """

    def __init__(
        self,
        *args: Any,
        cells: Sequence[Cell],
        lines: Sequence[dict[str, Any]] = (),
        least: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cells = tuple(cells)
        self.fact_names = [
            name for name, field in self.fields.items() if not field.widget.is_hidden
        ]
        count = max(least, len(lines) + SPARE, self._sent())
        self.numbers = range(1, min(count, MOST_LINES) + 1)
        for number in self.numbers:
            line = lines[number - 1] if number <= len(lines) else {}
            for cell in self.cells:
                self.fields[f"{cell.name}_{number}"] = _field(cell, number, line.get(cell.name))

    def _sent(self) -> int:
        first = f"{self.cells[0].name}_"
        ends = (name.removeprefix(first) for name in self.data if name.startswith(first))
        return max((int(end) for end in ends if end.isdecimal() and len(end) < 4), default=0)

    @property
    def fact_fields(self) -> list[Any]:
        """The fields over the table."""
        return [self[name] for name in self.fact_names]

    @property
    def headings(self) -> list[str]:
        """The heads of the table."""
        return [str(cell.heading) for cell in self.cells]

    @property
    def rows(self) -> list[tuple[int, list[tuple[str, Any]]]]:
        """The table: each line's number, and its fields with their headings."""
        return [
            (number, [(str(cell.heading), self[f"{cell.name}_{number}"]) for cell in self.cells])
            for number in self.numbers
        ]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What was typed into the lines that are not empty, each with its ``number``."""
        told = []
        for number in self.numbers:
            line = {
                cell.name: self.cleaned_data.get(f"{cell.name}_{number}") for cell in self.cells
            }
            if any(value not in (None, "") for value in line.values()):
                told.append({"number": number, **line})
        return told


def _field(cell: Cell, number: int, value: Any) -> forms.Field:
    label = _("%(heading)s of line %(number)s") % {
        "heading": cell.heading,
        "number": shown.digits(str(number), language()),
    }
    told: dict[str, Any] = {"required": False, "label": label, "initial": typed_as(value)}
    kinds: dict[str, type[forms.Field]] = {"number": NumberField, "day": DayField}
    if cell.kind in kinds:
        field = kinds[cell.kind](**told)
        field.widget.attrs["aria-label"] = label
        return field
    attributes = {"aria-label": label, "dir": "auto"}
    return forms.CharField(max_length=500, widget=forms.TextInput(attrs=attributes), **told)
