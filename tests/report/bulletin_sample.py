"""A bulletin with everything a programme's data can hold, for the writers' tests."""

from datetime import date
from decimal import Decimal
from typing import Literal

import polars as pl

from onshore.figures import Basis, shown
from onshore.report.bulletin import Bulletin, Chart, Column, Headline, Section, Table

Locale = Literal["en", "fa"]

INERT = ("#panic()", "*x*", "$", "back\\slash", "<label>", "@preview/x:1.0.0", "= title", "[[")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://example.org")

_NAMES = {
    "en": (
        "Deep groove bearing 6205-2RS C3, for roller table motors",
        "Gate valve DN 50 PN 16, API 600, body ASTM A105",
        "Graphite electrode UHP 600 x 2400 mm with nipple 4TPI",
        "شیر کشویی ۲ اینچ کلاس ۱۵۰ برای خط بخار",
        "Задвижка клиновая 30с41нж Ду50 Ру16",
        "Refractory brick MgO-C 14 % for ladle slag line, 230 x 114 x 65 mm, "
        "drawing LF-02-118 rev. C",
    ),
    "fa": (
        "بلبرینگ شیار عمیق \u20686205-2RS C3\u2069 برای موتور میز غلتکی",
        "شیر کشویی ۲ اینچ، کلاس ۱۵۰، بدنهٔ \u2068ASTM A105\u2069",
        "الکترود گرافیتی \u2068UHP 600 x 2400\u2069 با نیپل",
        "Gate valve DN 50 PN 16, API 600 (body ASTM A105).",
        "Задвижка клиновая 30с41нж Ду50 Ру16",
        "آجر نسوز منیزیت‌کربن ۱۴ درصد برای خط سربارهٔ پاتیل، ۲۳۰ در ۱۱۴ در ۶۵ میلی‌متر، نقشهٔ "
        "\u2068LF-02-118 rev. C\u2069",
    ),
}
_BASES = [basis.value for basis in sorted(Basis, reverse=True)]


def pick(locale: Locale, en: str, fa: str) -> str:
    return en if locale == "en" else fa


def hatch_chart(locale: Locale) -> Chart:
    label = pick(locale, "contracted", "قرارداد بسته‌شده")
    verified = pick(locale, "verified", "راستی‌آزمایی‌شده")
    place = 'x="0"' if locale == "en" else 'x="720" text-anchor="end" direction="rtl"'
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 200">
<defs><pattern id="h" width="6" height="6" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>
<rect width="2" height="6" fill="#0a5c61"/></pattern></defs>
<g font-family="Inter, Vazirmatn" font-size="14" fill="#1d2529">
<text {place} y="20">{verified}</text>
<rect x="0" y="30" width="320" height="40" fill="#0a5c61"/>
<text {place} y="110">{label}</text>
<rect x="0" y="120" width="700" height="40" fill="url(#h)" stroke="#0a5c61"/>
</g></svg>"""
    return Chart(
        title=pick(
            locale,
            "Less than half of what was contracted has been verified",
            "کمتر از نیمی از آنچه قرارداد بسته شده، راستی‌آزمایی شده است",
        ),
        svg=svg,
        alt=pick(locale, "Two bars: verified and contracted.", "دو میله: راستی‌آزمایی و قرارداد."),
        foot=pick(locale, "Source: claims of the programme, 1403.", "منبع: ادعاهای برنامه، ۱۴۰۳."),
    )


def savings_table(locale: Locale) -> Table:
    amounts = [
        Decimal("120.5"), Decimal("88.25"), Decimal("1030"), Decimal("412.75"),
        Decimal("-15.125"), None, Decimal("40000"),
    ]  # fmt: skip
    total = sum((a for a in amounts if a is not None), Decimal(0))
    return Table(
        title=pick(locale, "Savings by basis", "صرفه‌جویی به تفکیک پایهٔ رقم"),
        columns=(
            Column("basis", pick(locale, "Basis", "پایه"), "basis"),
            Column("claims", pick(locale, "Claims", "ادعا"), "whole"),
            Column(
                "saved",
                pick(locale, "Net currency saved", "صرفه‌جویی خالص ارزی"),
                "money",
                pick(locale, "million EUR", "میلیون یورو"),
                1,
            ),
            Column("share", pick(locale, "Share", "سهم"), "share", "", 1),
            Column("since", pick(locale, "Since", "از تاریخ"), "date"),
            Column("year", pick(locale, "Year", "سال"), "year"),
        ),
        frame=pl.DataFrame(
            {
                "basis": [*_BASES, None],
                "claims": [14, 9, 31, 12, 3, 0, 2, 71],
                "saved": [*amounts, total],
                "share": [0.25, 0.125, 0.0333, -0.05, None, 0.5, 1.0, 1.0],
                "since": [date(2024, 3, 20 + i % 5) for i in range(7)] + [None],
                "year": [1403 if locale == "fa" else 2024] * 7 + [None],
            },
            schema_overrides={"saved": pl.Decimal(38, 6)},
        ),
        total=True,
        note=pick(locale, "A negative figure is a cost.", "رقم منفی یعنی هزینه."),
    )


def long_table(locale: Locale) -> Table:
    rows = 60
    return Table(
        title=pick(locale, "Needs without a maker", "نیازهای بی‌سازنده"),
        columns=(
            Column("need", pick(locale, "Need", "نیاز"), "code"),
            Column("what", pick(locale, "Description", "شرح")),
            Column("part", pick(locale, "Part number", "شماره فنی"), "code"),
            Column("quantity", pick(locale, "Yearly quantity", "مقدار سالانه"), "number", "kg", 2),
            Column("basis", pick(locale, "Basis", "پایه"), "basis"),
        ),
        frame=pl.DataFrame(
            {
                "need": [f"N-{row:04d}" for row in range(1, rows + 1)],
                "what": [_NAMES[locale][row % 6] for row in range(rows)],
                "part": [f"LF-02-{row:03d}/B" if row % 7 else None for row in range(rows)],
                "quantity": [Decimal(row * row * 37) / 8 - 100 for row in range(rows)],
                "basis": [_BASES[row % 7] for row in range(rows)],
            },
            schema_overrides={"quantity": pl.Decimal(38, 6)},
        ),
    )


def wide_table(locale: Locale) -> Table:
    years = range(1403, 1412) if locale == "fa" else range(2024, 2033)
    return Table(
        title=pick(locale, "Spending by province and year", "هزینه به تفکیک استان و سال"),
        columns=(
            Column("place", pick(locale, "Province", "استان")),
            *(
                Column(str(year), shown.digits(str(year), locale), "money", "EUR", 0)
                for year in years
            ),
            Column("all", pick(locale, "All years", "همهٔ سال‌ها"), "money", "EUR", 0),
        ),
        frame=pl.DataFrame(
            {
                "place": ["Isfahan", "Kerman", "Khuzestan", "Yazd", "Total"]
                if locale == "en"
                else ["اصفهان", "کرمان", "خوزستان", "یزد", "جمع"],
                **{str(year): [1_234_567 * k + year for k in (1, 2, 3, 4, 10)] for year in years},
                "all": [11_111_103 * k for k in (1, 2, 3, 4, 10)],
            }
        ),
        total=True,
    )


def odd_table(locale: Locale) -> Table:
    texts = [*INERT, *FORMULAS]
    return Table(
        title="#panic() *x* $ <label>",
        columns=(Column("text", "=1+1"), Column("code", "*Code*", "code", "$")),
        frame=pl.DataFrame({"text": texts, "code": texts[::-1]}),
        note="= note @ref $ \\ #panic()",
    )


def sample(locale: Locale) -> Bulletin:
    money = pick(locale, "120.5 million EUR", "۱۲۰٫۵ میلیون یورو")
    return Bulletin(
        locale=locale,
        title=pick(
            locale, "Localization programme of steel and mining", "برنامهٔ ساخت داخل فولاد و معدن"
        ),
        subtitle=pick(locale, "Bulletin of 2024", "گزارش سال ۱۴۰۳"),
        imprint=(
            (
                pick(locale, "Home country", "کشور"),
                pick(locale, "Iran (IR)", "ایران (\u2068IR\u2069)"),
            ),
            (
                pick(locale, "Price date", "تاریخ قیمت‌ها"),
                pick(
                    locale,
                    "2024-03-20 · 1 Farvardin 1403",
                    "۱ فروردین ۱۴۰۳ · \u20682024-03-20\u2069",
                ),
            ),
            (pick(locale, "Horizon", "افق"), pick(locale, "2024 to 2033", "۱۴۰۳ تا ۱۴۱۲")),
            (pick(locale, "Rate type", "نوع نرخ ارز"), pick(locale, "official", "رسمی")),
            (pick(locale, "Software", "نرم‌افزار"), "\u2068onshore 0.1.0\u2069"),
        ),
        notices=(
            pick(
                locale,
                "Illustrative data: buyers, makers, needs and offers are invented; "
                "plants and published figures are real.",
                "داده‌ها نمونه‌اند: خریداران، سازندگان، نیازها و پیشنهادها ساختگی‌اند؛ "
                "کارخانه‌ها و ارقام منتشرشده واقعی‌اند.",
            ),
        ),
        sections=(
            Section(
                key="savings",
                title=pick(
                    locale,
                    "120.5 million EUR of savings are verified; most of the rest is announced only",
                    "۱۲۰٫۵ میلیون یورو صرفه‌جویی راستی‌آزمایی شده و بیشتر باقی فقط اعلام شده است",
                ),
                lead=pick(
                    locale,
                    "Only what a verifier confirmed is counted as saved. Everything else is shown "
                    "beside it, at the step it has reached.",
                    "تنها آنچه راستی‌آزما تأیید کرده صرفه‌جویی به شمار می‌آید. باقی ارقام "
                    "در کنار آن و در پله‌ای که رسیده‌اند نشان داده می‌شوند.",
                ),
                name=pick(locale, "Savings", "صرفه‌جویی ارزی"),
                headlines=(
                    Headline(
                        pick(locale, "Net currency saved", "صرفه‌جویی خالص ارزی"),
                        money,
                        Basis.VERIFIED,
                        note=pick(
                            locale,
                            "of 41 636 million EUR at any step",
                            "از ۴۱٬۶۳۶ میلیون یورو در همهٔ پله‌ها",
                        ),
                    ),
                    Headline(
                        pick(locale, "Contracted", "قرارداد"),
                        pick(locale, "412.8 million EUR", "۴۱۲٫۸ میلیون یورو"),
                        Basis.CONTRACTED,
                        note=pick(locale, "12 claims", "۱۲ ادعا"),
                    ),
                    Headline(
                        pick(locale, "Accepted", "پذیرفته"),
                        pick(locale, "88.3 million EUR", "۸۸٫۳ میلیون یورو"),
                        Basis.ACCEPTED,
                    ),
                    Headline(
                        pick(locale, "Target of the desks", "هدف میزها"),
                        pick(locale, "40 trillion IRR", "۴۰ هزار میلیارد ریال"),
                        Basis.TARGET,
                        note=pick(locale, "Savings wanted by 2026", "صرفه‌جویی خواسته‌شده تا ۱۴۰۵"),
                    ),
                    Headline(
                        pick(locale, "Crude steel made", "تولید فولاد خام"),
                        pick(locale, "31.1 million t", "۳۱٫۱ میلیون تن"),
                        status=pick(locale, "provisional", "مقدماتی"),
                        note=pick(locale, "2023, all provinces", "۱۴۰۲، همهٔ استان‌ها"),
                    ),
                ),
                charts=(hatch_chart(locale),),
                tables=(savings_table(locale),),
                notes=(
                    pick(
                        locale,
                        "Net currency saved is accepted quantity times reference CIF less imported "
                        "content.",
                        "صرفه‌جویی خالص ارزی حاصل‌ضرب مقدار پذیرفته‌شده در تفاوت بهای سیف "
                        "مرجع و محتوای وارداتی است.",
                    ),
                ),
            ),
            Section(
                key="needs",
                title=pick(
                    locale,
                    "Sixty needs found no maker at home",
                    "برای شصت نیاز سازنده‌ای در داخل پیدا نشد",
                ),
                lead=pick(
                    locale,
                    "They are listed by their yearly quantity; most are refractories and valves.",
                    "فهرست به ترتیب مقدار سالانه است؛ بیشتر آنها نسوز و شیرآلات‌اند.",
                ),
                name=pick(locale, "Needs/makers: none?", "نیازهای بی‌سازنده [فهرست]"),
                tables=(long_table(locale), odd_table(locale)),
            ),
            Section(
                key="plan",
                title=pick(
                    locale, "Kerman takes a fifth of the budget", "یک پنجم بودجه به کرمان می‌رسد"
                ),
                lead=pick(locale, "Spending follows the phases.", "هزینه‌ها از فازها پیروی می‌کنند."),
                name=pick(locale, "needs/makers? none", "نیازهای بی‌سازنده (فهرست)"),
                tables=(wide_table(locale),),
                notes=(pick(locale, "Prices of 2024.", "به قیمت ۱۴۰۳."),),
            ),
        ),
        sources=(
            "Global Energy Monitor, Global Iron and Steel Tracker, CC BY 4.0",
            pick(locale, "Central Bank of Iran, official rate", "بانک مرکزی ایران، نرخ رسمی"),
        ),
    )
