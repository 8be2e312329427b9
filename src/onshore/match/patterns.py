"""How lines write sizes, ratings and standards: the patterns that `find_measures` reads by.

Each kind of measure is a group ``of_...``; the groups inside hold what is read.
"""

import re
from functools import cache

from onshore.match.units import NUMBER, TO, any_of, units

# Words before a rating and the quantity that it is of.
LABELS = {
    "dn": "DN", "nd": "DN", "ду": "DN", "pn": "PN", "ру": "PN", "class": "class", "cl": "class",
    "کلاس": "class", "класс": "class", "ip": "IP", "ø": "length",
}  # fmt: skip
SCALES = {
    "hrc": "HRC", "راکول": "HRC", "hbw": "HB", "hb": "HB", "нв": "HB", "برینل": "HB", "hv": "HV",
    "ویکرز": "HV",
}  # fmt: skip
# Bodies of standards under another spelling.
BODIES = {"гост": "gost", "исо": "iso", "мэк": "iec", "дин": "din", "ост": "ost", "ту": "tu",
          "inso": "isiri"}  # fmt: skip

_BY = "(?: ?[xх*] ?| در )"
_BODY = "din|iso|en|astm|asme|ansi|api|aisi|sae|aws|bs|jis|iec|nema|gost|isiri"
_STANDARD = (
    f"(?P<body>{any_of([*_BODY.split('|'), *BODIES])})"
    "(?P<also>(?:[ /-]{1,3}(?:din|iso|en|iec|asme|ansi|исо|мэк|р)){0,3})"
    "[ :.-]{0,3}(?P<document>[a-hr]? ?[0-9][0-9a-z.]{0,15}(?:-[0-9]{1,6}){0,3})"
)
_LABELLED = (
    f"(?P<label>{any_of(LABELS)})[ :.-]*(?P<rating>{NUMBER})(?: ?(?P<rated_in>mpa|мпа|مگاپاسکال))?"
)
_SCHEDULE = (
    "(?:schedule|sch|رده) ?[ :.-]*(?P<schedule>5|10|20|30|40|60|80|100|120|140|160)(?:(?<=[0-9])s)?"
)
_SCALE = any_of(SCALES)
_HARDNESS = (
    f"(?P<scale>{_SCALE})[ :.-]*(?P<hard>{NUMBER})(?:{TO}(?P<harder>{NUMBER}))?"
    f"|(?P<hard_first>{NUMBER})(?:{TO}(?P<harder_first>{NUMBER}))? ?(?P<scale_last>{_SCALE})"
)
_RATED = "(?:150|300|400|600|800|900|1500|2500|3000|6000)"
_POUNDS = f"(?P<pounds>{_RATED}) ?(?:#|lbs?|پوندی?)|#(?P<pounds_last>{_RATED})"
_THREAD = (
    rf"[mм] ?(?P<thread>[0-9]{{1,3}})(?:{_BY}(?P<along>{NUMBER}))?(?:{_BY}(?P<further>{NUMBER}))?"
    "(?: ?(?:mm|мм|میلیمتر|میلی متر))?"
)
_FRACTION = "(?:[0-9]{1,4}[ -])?[0-9]{1,4}/[1-9][0-9]?"
_UNIFIED = (
    rf"(?P<unified>{_FRACTION})[\"']?(?:[ -](?P<per_inch>[0-9]{{1,2}}))? ?-?(?:unc|unf|unef|un)"
    r"(?:-?[123][ab])?"
)
_SIDES = (
    rf"(?:ø ?)?(?P<sides>{NUMBER}(?:(?: ?{{length}})?{_BY}(?:ø ?)?{NUMBER}){{1,3}})"
    "(?: ?(?P<side>{area}|{length}))?"
)
_INCH = r"\"|''|inch(?:es)?|in|дюима?|дюимов|اینچ"
_PIPE = (
    rf"(?P<pipe>nps|bsp[tp]?|nptf?|g|r[cp]?)[ -]?(?P<bore>{_FRACTION})(?: ?(?:{_INCH}))?"
    rf"|(?P<pipe_of>nps|bsp[tp]?|nptf?) ?(?P<bore_of>[0-9]{{1,2}}(?:\.[0-9])?)(?: ?(?:{_INCH}))?"
)
_INCHES = rf"(?P<inches>{_FRACTION}) ?(?P<after>{_INCH}|nptf?|bsp[tp]?)"
_WITH_UNIT = (
    rf"(?P<sign>[-+])?(?P<low>{NUMBER})(?:(?P<to>{TO})\+? ?(?P<high>{NUMBER}))? ?(?P<unit>{{unit}})"
)


_FIRST = "".join(
    {
        word[0]
        for word in (*_BODY.split("|"), *BODIES, *LABELS, *SCALES, "schedule", "رده", "mм", "м")
    }
    | set("gnbruhk")  # threads of pipes and bearings
)


@cache
def measures_in(bearings: str) -> re.Pattern[str]:
    """Give the pattern of all kinds, ``bearings`` being that of bearing numbers."""
    known = units()

    def spelled(quantity: str) -> str:
        return any_of(spelling for spelling in known if known[spelling].quantity == quantity)

    # "In" and the Russian "в" and "а" are units only where they do not
    # go on as words, C only after hundreds, N only after a blank.
    doubtful = "|in(?! [0-9])|[ва](?! [а-я])|(?<=[0-9]{3})c|(?<=[0-9]{3} )c|(?<= )n"
    sure = any_of(spelling for spelling in known if spelling not in ("в", "а", "n"))
    kinds = {
        "bearing": bearings,
        "standard": _STANDARD,
        "label": _LABELLED,
        "schedule": _SCHEDULE,
        "hardness": _HARDNESS,
        "pounds": _POUNDS,
        "thread": _THREAD,
        "sides": _SIDES.replace("{length}", spelled("length")).replace("{area}", spelled("area")),
        "unified": _UNIFIED,
        "pipe": _PIPE,
        "inches": _INCHES,
        "unit": _WITH_UNIT.replace("{unit}", sure + doubtful),
    }
    # A number inside a code ("kx-8814 a") is not a size; neither are "22320 cc/w33", "600 l=3 m".
    # Every kind begins with a letter or mark of these and has a digit soon.
    return re.compile(
        rf"(?<![^\W_])(?=[0-9+#-]|[{_FIRST}])(?=[^0-9]{{0,30}}[0-9])(?<![^\W_][-./,])"
        f"(?:{'|'.join(f'(?P<of_{name}>{pattern})' for name, pattern in kinds.items())})"
        r"(?![^\W_]|[/-][a-zа-я]|[.][0-9]|=)"
    )
