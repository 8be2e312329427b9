"""Claims, deals and deliveries in; savings by how far they are proved, out."""

from onshore.account.bill_of_materials import flatten, imported_content
from onshore.account.content_lines import itemised_content
from onshore.account.equivalence import equivalence, equivalence_verdicts
from onshore.account.errors import AccountError
from onshore.account.import_checks import check_import_rules, sound_exceptions
from onshore.account.import_rules import import_status
from onshore.account.jobs import jobs
from onshore.account.ladder import by_basis
from onshore.account.landed_cost import incoterms, landed_cost
from onshore.account.local_content import local_content
from onshore.account.local_content_files import find_formula, formula_table, formulas, read_formula
from onshore.account.local_content_formulas import Formula
from onshore.account.published import stated
from onshore.account.rules import check_claims, sound_claims
from onshore.account.savings import savings
from onshore.account.totals import totals
from onshore.account.yearly import annual_savings, cumulative_savings

__all__ = [
    "AccountError",
    "Formula",
    "annual_savings",
    "by_basis",
    "check_claims",
    "check_import_rules",
    "cumulative_savings",
    "equivalence",
    "equivalence_verdicts",
    "find_formula",
    "flatten",
    "formula_table",
    "formulas",
    "import_status",
    "imported_content",
    "incoterms",
    "itemised_content",
    "jobs",
    "landed_cost",
    "local_content",
    "read_formula",
    "savings",
    "sound_claims",
    "sound_exceptions",
    "stated",
    "totals",
]
