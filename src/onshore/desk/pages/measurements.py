"""The form of what was measured on a sample, and the first-article report as a PDF."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.models import Characteristic, Qualification
from onshore.desk.pages.forms import DayField, OnceForm, typed_as
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import day_text
from onshore.desk.pages.wording import choice_label, language
from onshore.figures import shown

SPARE = 5
"""Empty lines under those that are filled."""
MOST_LINES = 300
LINE = ("characteristic", "requirement", "measured", "result", "note")


class MeasurementsForm(OnceForm):
    """The facts of a test, and a line for each characteristic.

    Parameters
    ----------
    lines
        The characteristics that are there.
    """

    tested_on = DayField(label=gettext_lazy("Day of the test"), required=False)
    laboratory = forms.CharField(label=gettext_lazy("Laboratory"), required=False, max_length=300)
    standard = forms.CharField(label=gettext_lazy("Standard"), required=False, max_length=300)
    evidence = forms.CharField(
        label=gettext_lazy("Test report"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Number of the laboratory's report, or its file."),
    )

    def __init__(
        self, *args: Any, record: Any = None, lines: list[Characteristic], **kwargs: Any
    ) -> None:
        names = ("tested_on", "laboratory", "standard", "evidence")
        first = {name: typed_as(getattr(record, name)) for name in names}
        super().__init__(*args, record=record, initial=first, **kwargs)
        self.facts = names
        count = min(max(len(lines) + SPARE, self._sent()), MOST_LINES)
        self.numbers = range(1, count + 1)
        for number in self.numbers:
            line = lines[number - 1] if number <= len(lines) else None
            for name in LINE:
                self.fields[f"{name}_{number}"] = _cell(name, number, line)

    def _sent(self) -> int:
        ends = (name.rpartition("_")[2] for name in self.data if name.startswith("characteristic_"))
        return max((int(end) for end in ends if end.isdecimal() and len(end) < 4), default=0)

    @property
    def fact_fields(self) -> list[Any]:
        """The fields over the table."""
        return [self[name] for name in self.facts]

    @property
    def rows(self) -> list[tuple[int, list[tuple[str, Any]]]]:
        """The table: each line's number, and its fields with their headings."""
        return [
            (number, [(str(_HEADINGS[name]), self[f"{name}_{number}"]) for name in LINE])
            for number in self.numbers
        ]

    @property
    def lines(self) -> list[dict[str, str]]:
        """What was typed into the table."""
        return [
            {name: self.cleaned_data.get(f"{name}_{number}") or "" for name in LINE}
            for number in self.numbers
        ]

    @property
    def told(self) -> dict[str, Any]:
        """What was typed over the table."""
        return {name: self.cleaned_data.get(name) for name in self.facts}


_HEADINGS = {
    "characteristic": gettext_lazy("Characteristic"),
    "requirement": gettext_lazy("Asked for"),
    "measured": gettext_lazy("Measured"),
    "result": gettext_lazy("Result"),
    "note": gettext_lazy("Remark"),
}


def headings() -> list[str]:
    """Give the heads of the table of characteristics."""
    return [str(_HEADINGS[name]) for name in LINE]


def _cell(name: str, number: int, line: Characteristic | None) -> forms.Field:
    label = _("%(heading)s of line %(number)s") % {
        "heading": _HEADINGS[name],
        "number": shown.digits(str(number), language()),
    }
    told = {"required": False, "label": label, "initial": getattr(line, name, "")}
    attributes = {"aria-label": label, "dir": "auto"}
    if name == "result":
        choices = [("", "—"), *((each, choice_label(each)) for each in ("passed", "failed"))]
        if told["initial"] == "pending":
            told["initial"] = ""
        return forms.ChoiceField(choices=choices, widget=forms.Select(attrs=attributes), **told)
    return forms.CharField(max_length=500, widget=forms.TextInput(attrs=attributes), **told)


def report_pdf(tested: Qualification, lines: list[Characteristic]) -> bytes:
    """Set the report of a test as a PDF: what was asked for, what was found, the result."""
    import polars as pl

    from onshore.report import Bulletin, Column, Headline, Section, Table, to_pdf

    frame = pl.DataFrame(
        [
            {
                "number": line.number,
                **{name: getattr(line, name) for name in LINE},
                "result": choice_label(line.result),
            }
            for line in lines
        ],
        schema={"number": pl.Int64, **dict.fromkeys(LINE, pl.String)},
    )
    passed = sum(line.result == "passed" for line in lines)
    told = {
        name: shown.digits(str(count), language())
        for name, count in (("passed", passed), ("total", len(lines)))
    }
    columns = (
        Column("number", _("No."), "whole"),
        *(Column(name, str(_HEADINGS[name])) for name in LINE),
    )
    section = Section(
        key="characteristics",
        title=_("%(passed)s of %(total)s characteristics passed") % told,
        lead=tested.need.description,
        name=_("Characteristics"),
        headlines=(Headline(_("Result"), choice_label(tested.result)),),
        tables=(Table(_("What was asked for and what was found"), columns, frame),),
    )
    facts = (
        (_("Need"), tested.need_id),
        (_("Buyer"), named(tested.need.buyer) or "–"),
        (_("Maker"), named(tested.offer.maker) or "–"),
        (_("Product"), tested.offer.description),
        (_("Day of the test"), day_text(tested.tested_on) if tested.tested_on else "–"),
        (_("Laboratory"), tested.laboratory or "–"),
        (_("Standard"), tested.standard or "–"),
        (_("Test report"), tested.evidence or "–"),
    )
    return to_pdf(
        Bulletin(
            locale="fa" if language() == "fa" else "en",
            title=_("Report of a test: %s") % choice_label(tested.stage),
            subtitle=f"{tested.pk} · {tested.need.description}",
            imprint=facts,
            notices=(),
            sections=(section,),
        )
    )
