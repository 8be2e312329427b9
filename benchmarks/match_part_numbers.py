"""How often the offer of a part number is the first one when the number is typed another way.

    python benchmarks/match_part_numbers.py [--seed N]

The offers are the development set of maintenance goods, the products of Abt and a sample of the
published electronic parts (part number and its maker as the description), all in ``match`` of
the folder that ONSHORE_SHARED_DATA names or of ``../shared/data`` beside the checkout. Each kind
of variant is made by a seed from part numbers that one offer only has; a fragment is looked up
only where no other offer has it. R@1 is the share whose first offer is the right one. The peer,
bm25s with English stemming over description and part number, looks up the same variants.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable

import polars as pl

from match_ranking import bm25s_ranking, ranking_of
from match_sets import read, shared
from onshore.match import find_candidates
from onshore.match.letters import code_key
from onshore.match.training import Judgements

OF_EACH, PARTS = 200, 1500
ROW = "{:<20}{:>7}{:>9}{:>9}"
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
CYRILLIC = str.maketrans("ABEKMHOPCTX", "АВЕКМНОРСТХ")
SEPARATOR = re.compile("[- ./]")
MEETING = re.compile("(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
Vary = Callable[[str, random.Random], str]


def parted(by: str, *, everywhere: bool = False) -> Vary:
    """Put one of some marks between the parts of a number, or at one place if it has none.

    ``everywhere`` puts it also wherever letters and digits meet.
    """

    def vary(number: str, chance: random.Random) -> str:
        if everywhere or not SEPARATOR.search(number):
            places = [match.start() for match in MEETING.finditer(number)]
            for at in reversed(places if everywhere else places[:1]):
                number = f"{number[:at]}-{number[at:]}"
        return SEPARATOR.sub(lambda _: chance.choice(by), number)

    return vary


def fragment(number: str, _: random.Random) -> str:
    """Leave out the last fifth, or the last part if there are three."""
    parts = re.split(r"(?<=[^- ])(?=[- ])", number)
    return "".join(parts[:-1]) if len(parts) > 2 else number[: -max(1, len(number) // 5)]


KINDS: dict[str, Vary] = {
    "as written": lambda number, _: number,
    "hyphen": parted("-"),
    "space": parted(" "),
    "spaces everywhere": parted(" ", everywhere=True),
    "nothing between": lambda number, _: re.sub("[- ./]", "", number),
    "other separators": parted("._/"),
    "Unicode dashes": parted(DASHES),
    "lower case": lambda number, _: number.lower(),
    "Persian digits": lambda number, _: number.translate(PERSIAN),
    "Arabic digits": lambda number, _: number.translate(ARABIC),
    "Cyrillic letters": lambda number, _: number.upper().translate(CYRILLIC),
    "in a sentence": lambda number, chance: chance.choice(
        ("please quote 4 pcs of {}", "لطفا قیمت {} را اعلام کنید", "P/N: {}", "{} (OEM)", "art. {}")
    ).format(number),
    "fragment": fragment,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    offers = all_offers(random.Random(options.seed))
    look_ups = varied(offers, random.Random(options.seed))
    needs = look_ups.select("need_id", "description")
    start = time.process_time()
    ours = ranking_of(find_candidates(needs, offers.drop("number"), top=10))
    spent = time.process_time() - start
    joined = offers.select(
        "offer_id",
        pl.concat_str("description", "part_number", separator=" ", ignore_nulls=True)
        .alias("description"),
    )  # fmt: skip
    none = pl.DataFrame(schema=dict.fromkeys(("need_id", "offer_id", "grade"), pl.String))
    theirs = bm25s_ranking(Judgements(needs, joined, none))
    print(ROW.format("R@1 by kind", "number", "onshore", "bm25s"))
    everything = ("all", look_ups)
    for kind, group in [*look_ups.group_by("kind", maintain_order=True), everything]:
        right = [
            [(ranked.get(need) or [""])[0] == offer for ranked in (ours, theirs)]
            for need, offer in group.select("need_id", "offer_id").iter_rows()
        ]
        shares = [f"{sum(column) / len(right):.3f}" for column in zip(*right, strict=True)]
        print(ROW.format(kind if isinstance(kind, str) else kind[0], len(right), *shares))
    wrong = look_ups.filter(
        pl.Series([ours[n][0] != o for n, o in look_ups.select("need_id", "offer_id").iter_rows()])
    )
    print(f"{offers.height:,} offers, {needs.height:,} look-ups, {spent:.1f} CPU s; missed, e.g.:")
    for row in wrong.sample(min(12, wrong.height), seed=1).iter_rows(named=True):
        print(f"  {row['kind']}: {row['description']!r} of {row['number']!r}")
    return 0


def all_offers(chance: random.Random) -> pl.DataFrame:
    """Give the offers, and as ``number`` the part number that each is looked up by."""
    goods = read(shared() / "mro_dev" / "offers.csv").select(
        "offer_id", "description", "part_number", number="part_number"
    )
    # Abt ends a name with the maker's number: "Sony Turntable - PSLX350H".
    products = read(shared() / "tables" / "abt.csv").select(
        offer_id="abt " + pl.col("id"),
        description="name",
        part_number=pl.lit(None, pl.String),
        number=pl.col("name").str.extract(r" - ([A-Z0-9][A-Z0-9./-]*)$"),
    )
    parts = read(shared() / "parts_train.csv").unique("part_number", maintain_order=True)
    parts = parts[sorted(chance.sample(range(parts.height), PARTS))].select(
        offer_id="part " + pl.col("part_number"),
        description="manufacturer",
        part_number="part_number",
        number="part_number",
    )
    return pl.concat([goods, products, parts])


def varied(offers: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    """Make variants of each kind, their right offer being the only one."""
    keys = [code_key(number or "") for number in offers["number"]]
    texts = [
        code_key(f"{description or ''}|{number or ''}")
        for description, number in offers.select("description", "part_number").iter_rows()
    ]
    once = Counter(keys)
    known = [
        (offer, number)
        for offer, number, key in zip(offers["offer_id"], offers["number"], keys, strict=True)
        if number and once[key] == 1 and len(key) >= 4 and sum(map(str.isdigit, key)) >= 2
        and sum(key in text for text in texts) == 1 and not re.search("[a-z]{4}", number)
    ]  # fmt: skip
    rows = []
    for kind, vary in KINDS.items():
        chosen = chance.sample(known, len(known))
        found = 0
        for offer, number in chosen:
            text = vary(number, chance)
            if kind == "fragment" and not only_one(code_key(text), texts):
                continue
            rows.append((f"{len(rows):05d}", text, offer, number, kind))
            found += 1
            if found == OF_EACH:
                break
    columns = ["need_id", "description", "offer_id", "number", "kind"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def only_one(key: str, texts: list[str]) -> bool:
    return len(key) >= 4 and sum(key in text for text in texts) == 1


if __name__ == "__main__":
    raise SystemExit(main())
