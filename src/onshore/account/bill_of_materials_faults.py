"""What is wrong with the lines of a bill of materials."""

import polars as pl

Refusal = tuple[str, str]
"""Why an assembly cannot be reckoned, and the next step."""


def bill_faults(bill: pl.DataFrame, home: str) -> dict[str, Refusal]:
    """Give the first fault of each assembly that has one, in order of its parts."""
    made = bill["assembly_id"].drop_nulls().unique().implode()
    price, scrap, content = pl.col("unit_price"), pl.col("scrap_share"), pl.col("local_content")
    is_made = pl.col("part_id").is_in(made)
    own_works = is_made & pl.col("origin").is_null()
    at_home = (pl.col("origin") == home).fill_null(value=False)
    units = pl.col("unit").drop_nulls().n_unique().over("part_id")
    part = pl.col("part_id").fill_null("without a name")
    cases = [
        (pl.col("part_id").is_null(), pl.lit("a part has no name"), "Fill in part_id."),
        (
            pl.struct("assembly_id", "part_id").is_duplicated(),
            pl.format("the part {} is listed twice", part),
            "Add the quantities up into one line, or give what two suppliers sell two names.",
        ),
        (
            pl.col("quantity").is_null() | (pl.col("quantity") <= 0),
            pl.format("the part {} has no quantity above 0", part),
            "Write how much of it one unit of the assembly takes.",
        ),
        (
            (scrap < 0) | (scrap >= 1) | scrap.is_nan(),
            pl.format("the part {} has a scrap share of {}", part, scrap),
            "Write a share from 0 to below 1.",
        ),
        (
            (content < 0) | (content > 1) | content.is_nan(),
            pl.format("the part {} has a local content of {}", part, content),
            "Write a share from 0 to 1.",
        ),
        (
            price < 0,
            pl.format("the part {} has a price below 0", part),
            "Write what was paid for one unit.",
        ),
        (
            price.is_not_null() & pl.col("currency").is_null(),
            pl.format("the part {} has a price without currency", part),
            "Write the currency of the price.",
        ),
        (
            price.is_null() & ~at_home & ~own_works,
            pl.format("the part {} has no price", part),
            "Write its price; or its own lines, or the home country as its origin.",
        ),
        (
            price.is_null() & at_home & ~is_made & content.is_not_null(),
            pl.format("the part {} has a local content and no price to take it of", part),
            "Write its price.",
        ),
        (
            is_made & (units > 1),
            pl.format("the part {} is counted in several units", part),
            "Count it in one unit throughout.",
        ),
    ]
    reason = pl.coalesce(pl.when(broken).then(told) for broken, told, _ in cases)
    step = pl.coalesce(pl.when(broken).then(pl.lit(step)) for broken, _, step in cases)
    found = (
        bill.select("assembly_id", "part_id", reason=reason, next_step=step)
        .drop_nulls(["assembly_id", "reason"])
        .sort("assembly_id", "part_id")
        .unique("assembly_id", keep="first", maintain_order=True)
    )
    return {
        assembly: (f"in the assembly {assembly}, {reason}", step)
        for assembly, _, reason, step in found.iter_rows()
    }
