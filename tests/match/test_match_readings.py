"""What lines of three languages state: sizes, ratings, grades, standards and part numbers."""

import csv
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match.lines import read_line


def stated(text, quantity):
    return [measure.value for measure in read_line(text).measures.get(quantity, ())]


SIZES = [
    (
        "cores and area",
        "cores",
        3,
        ["cable 3x2.5 mm2", "кабель 3х2,5 мм²", "کابل ۳×۲٫۵ میلی‌متر مربع"],
    ),
    (
        "cores and area",
        "area",
        2.5,
        ["cable 3x2.5 mm2", "кабель 3х2,5 мм2", "کابل ۳*۲٫۵ میلیمتر مربع"],
    ),
    (
        "inches",
        "inch",
        1.5,
        [
            'pipe 1 1/2"',
            "pipe 1½ inch",
            "труба 1 1/2 дюйма",
            "لوله ۱ ۱/۲ اینچ",
            "لوله یک و نیم اینچ",
            'pipe 1-1/2"',
            "NPS 1 1/2",
        ],
    ),
    (
        "half an inch",
        "inch",
        0.5,
        [
            "fitting G1/2",
            "fitting 1/2 BSP",
            "штуцер G 1/2",
            "اتصال G1/2",
            "زانو نیم اینچ",
            "NPT 1/2 plug",
            "Rc 1/2",
        ],
    ),
    (
        "bore",
        "DN",
        200,
        [
            "valve DN200/PN16",
            "valve PN16/DN200",
            "затвор Ду200",
            "شیر DN۲۰۰",
            "شیر دی ان ۲۰۰",
            "شیر قطر نامی ۲۰۰",
            "DN 200",
        ],
    ),
    (
        "rating",
        "PN",
        16,
        ["valve DN200/PN16", "valve PN16/DN200", "затвор Ру16", "شیر پی ان ۱۶", "кран Ру 1,6 МПа"],
    ),
    (
        "class",
        "class",
        150,
        [
            "flange class 150",
            "flange 150#",
            "flange CL.150",
            "flange ANSI 150",
            "flange 150 lb",
            "فلنج کلاس ۱۵۰",
            "فلنج ۱۵۰ پوندی",
            "фланец класс 150",
        ],
    ),
    (
        "wall",
        "schedule",
        40,
        ["pipe SCH 40", "pipe SCH40S", "pipe Sch.40", "لوله رده ۴۰", "لوله اسکجوال ۴۰"],
    ),
    ("protection", "IP", 65, ["motor IP65", "motor IP 65", "موتور آی پی ۶۵"]),
    (
        "thread",
        "thread",
        12,
        ["bolt M12x1.75x50", "болт М12х1,75х50", "پیچ M12×1/75×50", "پیچ ام ۱۲ در ۵۰"],
    ),
    ("pitch", "pitch", 1.75, ["bolt M12x1.75x50", "болт М12х1,75х50", "پیچ M12×1/75×50"]),
    (
        "length",
        "length",
        50,
        ["bolt M12x1.75x50", "болт М12х50", "پیچ M12×1/75×50", "پیچ ام ۱۲ در ۵۰"],
    ),
    (
        "power",
        "power",
        7.5,
        [
            "motor 7.5 kW",
            "двигатель 7,5 кВт",
            "موتور ۷/۵ کیلووات",
            "موتور ۷٫۵ کیلو وات",
            "motor 7500 W",
        ],
    ),
    (
        "voltage",
        "voltage",
        400,
        ["motor 400 V", "автомат 400В", "موتور ۴۰۰ ولت", "موتور ۴۰۰ ولتی", "0.4 kV"],
    ),
    ("current", "current", 16, ["breaker 16 A", "автомат 16А", "کلید ۱۶ آمپر", "کلید ۱۶ آمپری"]),
    (
        "pressure",
        "pressure",
        16,
        ["hose 16 bar", "рукав 1,6 МПа", "شیلنگ ۱۶ بار", "شیلنگ ۱/۶ مگاپاسکال"],
    ),
    (
        "speed",
        "speed",
        1500,
        ["motor 1500 rpm", "1500 об/мин", "1500 об./мин.", "۱۵۰۰ دور در دقیقه", "1500 min-1"],
    ),
    (
        "reactive power",
        "apparent power",
        50,
        ["capacitor 50 kVAr", "конденсатор 50 квар", "خازن ۵۰ کیلووار"],
    ),
    ("thickness", "length", 12.5, ["12.5 mm", "12,5 мм", "۱۲/۵ میلیمتر", "۱۲٫۵ میلی‌متر"]),
    ("thousands", "flow", 72, ["1,200 l/min", "۱٬۲۰۰ لیتر در دقیقه", "1200 л/мин"]),
    ("strength", "pressure", 19600, ["rope 1960 N/mm2", "канат 1960 Н/мм²"]),
    ("torque", "torque", 250, ["250 Nm", "250 N·m", "250 Н·м", "۲۵۰ نیوتن متر"]),
]


@pytest.mark.parametrize(
    ("quantity", "value", "line"),
    [(quantity, value, line) for _, quantity, value, lines in SIZES for line in lines],
)
def test_a_size_is_read_however_it_is_written(quantity, value, line):
    assert any(found == pytest.approx((value,)) for found in stated(line, quantity))


@pytest.mark.parametrize(
    ("line", "quantity", "ends"),
    [
        ("transmitter 4-20 mA", "current", (0.004, 0.02)),
        ("датчик 4...20 мА", "current", (0.004, 0.02)),
        ("ترانسمیتر ۴ تا ۲۰ میلی‌آمپر", "current", (0.004, 0.02)),
        ("манометр 0-2,5 МПа", "pressure", (0, 25)),
        ("hardness 58-62 HRC", "HRC", (58, 62)),
        ("твердость HRC 58...62", "HRC", (58, 62)),
        ("-20...+80 °C", "temperature", (-20, 80)),
        ("oil seal 80x100x10", "dimensions", (10, 80, 100)),
        ("کاسه نمد ۸۰ در ۱۰۰ در ۱۰", "dimensions", (10, 80, 100)),
        ("манжета 80х100х10", "dimensions", (10, 80, 100)),
        ("3/4-10UNC stud", "thread", (19.05,)),
    ],
)
def test_a_range_is_read_with_its_ends_and_a_body_with_its_sides(line, quantity, ends):
    assert any(found == pytest.approx(ends) for found in stated(line, quantity))


@pytest.mark.parametrize(
    ("line", "body", "document"),
    [
        ("DIN EN ISO 4014", "iso", "4014"),
        ("ГОСТ 7798-70 болт", "gost", "7798"),
        ("ГОСТ Р ИСО 4014", "iso", "4014"),
        ("ГОСТ Р 53165-2020 батарея", "gost", "53165"),
        ("ТУ 14-3-460 труба", "tu", "14-3-460"),
        ("استاندارد دین ۹۳۳", "din", "933"),
        ("ایزو ۴۰۱۴", "iso", "4014"),
        ("استاندارد ملی ایران شماره ۱۳۲۳", "isiri", "1323"),
        ("JIS G3101", "jis", "g3101"),
    ],
)
def test_a_standard_is_read_without_its_edition(line, body, document):
    assert stated(line, f"standard:{body}") == [document]


# Werkstoff numbers, with the names that cross-reference lists of the trade give for them.
GRADES = [
    ("1.4301", ["steel 304", "استیل ۳۰۴", "сталь 08Х18Н10", "SUS304", "1.4301"]),
    ("1.4404", ["AISI 316L", "استیل ۳۱۶ ال", "сталь 03Х17Н14М3", "SS316L"]),
    ("1.4541", ["SS 321", "лист 12Х18Н10Т", "Х18Н10Т", "X6CrNiTi18-10"]),
    ("1.7035", ["сталь 40Х", "41Cr4 shaft", "AISI 5140"]),
    ("1.7225", ["42CrMo4 shaft", "steel 4140", "فولاد MO40", "SCM440"]),
    ("1.0577", ["S355J2+N plate", "St 52-3", "1.0577", "лист 09Г2С-12"]),
    ("1.0503", ["فولاد CK45", "сталь 45", "سی کی ۴۵", "S45C"]),
    ("1.3505", ["100Cr6", "ШХ15", "SUJ2"]),
    ("CC331G", ["бронза БрАЖ9-4", "CuAl10Fe2-C"]),
    ("L360", ["API 5L X52", "L360N"]),
    ("5.3200", ["GGG50", "ВЧ50", "EN-GJS-500-7", "FCD500"]),
]


@pytest.mark.parametrize(
    ("material", "line"), [(material, line) for material, lines in GRADES for line in lines]
)
def test_a_grade_is_read_under_its_names(material, line):
    assert material in stated(line, "grade")


NO_NUMBERS = """
R600A|R134a|150-400|2021-05-12|۱۳۹۸/۱۲/۰۵|class 150/300|220/380 V|3x2.5 mm2|304/304L|grade 8.8|IP65
SCH 40|PN16/DN200|M12x1.75x50|42CrMo4|S355J2+N|12Х18Н10Т|0...2,5 МПа|4-20mA|10-hole|7/8-9UNC|G1/2
PT100|RAL9016|32-bit|1450/1300|12821-80|2018-2021|1398-1400|16A 250V|400V/690V|DN200/250|50/60Hz
6x36WS+IWRC|90deg|EN10025-2|60Si2Mn|SUS304|EN-GJS-500-7|ST37-2|20x20x3|ГОСТ Р 53165-2020|6-10 кВ
""".replace("\n", "|").strip("|").split("|")  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_size_a_grade_a_year_or_a_type_is_no_part_number(text):
    assert not read_line(f"spare {text} repair").part_numbers.own


@pytest.mark.parametrize(
    "text", ["LC1-D09", "SWC-350", "DAC34640037", "6RA80", "331-7KF02", "2108-2904192", "KX 8814 B"]
)
def test_a_part_number_is_one(text):
    line = read_line(f"spare {text} repair")
    assert line.part_numbers.all


def test_a_number_typed_with_many_blanks_is_the_same_number():
    together = read_line("B72207S2271K101").part_numbers.own
    assert together.keys() <= read_line("B 72207 S 2271 K 101").part_numbers.own.keys()


POINTS = {"en": ".", "fa": "٫", "ru": ","}
DIGITS = {"en": "0123456789", "fa": "۰۱۲۳۴۵۶۷۸۹", "ru": "0123456789"}
UNITS = {
    "power": {"en": "kW", "fa": "کیلووات", "ru": "кВт"},
    "voltage": {"en": "V", "fa": "ولت", "ru": "В"},
    "current": {"en": "A", "fa": "آمپر", "ru": "А"},
    "length": {"en": "mm", "fa": "میلی‌متر", "ru": "мм"},
    "mass": {"en": "kg", "fa": "کیلوگرم", "ru": "кг"},
    "pressure": {"en": "bar", "fa": "بار", "ru": "бар"},
    "frequency": {"en": "Hz", "fa": "هرتز", "ru": "Гц"},
    "volume": {"en": "l", "fa": "لیتر", "ru": "л"},
    "share": {"en": "%", "fa": "درصد", "ru": "%"},
}


@settings(deadline=None)
@given(
    tenths=st.integers(1, 99_999),
    quantity=st.sampled_from(sorted(UNITS)),
    languages=st.permutations(["en", "fa", "ru"]),
    blank=st.sampled_from([" ", "", "\u00a0"]),
)
def test_the_same_amount_is_the_same_in_each_language(tenths, quantity, languages, blank):
    def written(language):
        text = f"{tenths / 10:.1f}".removesuffix(".0").replace(".", POINTS[language])
        text = text.translate(str.maketrans(DIGITS["en"], DIGITS[language]))
        return f"{text}{blank}{UNITS[quantity][language]}"

    one, two = (read_line(written(language)) for language in languages[:2])
    assert stated(written(languages[0]), quantity) == [pytest.approx((tenths / 10,))]
    assert one.words == two.words


@given(st.text(alphabet='0123456789 ./-xх×۰۱۲میلمتر kWmбarDNPNMG"#()°%', max_size=40))
def test_any_mixture_of_digits_marks_and_units_can_be_read(text):
    line = read_line(text, part_number=text)
    assert all(isinstance(word, str) and word for word in line.words)


def test_every_name_in_the_table_of_grades_is_read():
    table = resources.files("onshore.match").joinpath("grades.csv").read_text("utf-8")
    for row in csv.DictReader(table.splitlines()):
        for name in (name for names in row.values() for name in names.split("|") if name):
            assert row["grade"] in stated(f"steel grade {name} bar", "grade"), name
