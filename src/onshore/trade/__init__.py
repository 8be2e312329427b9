"""Customs facts in; dependency, complexity and opportunity by product out.

The room answers: what is imported, how exposed it leaves the country, and which
goods are near to what is already made.
"""

from onshore.trade.complexity import Complexity, complexity
from onshore.trade.country_exports import scan_exports
from onshore.trade.criteria import Limits, concentration, write_concentration
from onshore.trade.dependency import Dependency, dependency
from onshore.trade.diversification import diversification
from onshore.trade.errors import TradeError
from onshore.trade.export_potential import ExportPotential, export_potential
from onshore.trade.facts import Facts, open_facts
from onshore.trade.market_sums import MarketSums, market_sums
from onshore.trade.markets import export_growth, next_markets
from onshore.trade.opportunity import COMPONENTS, Opportunity, opportunity
from onshore.trade.product_names import product_names
from onshore.trade.reliability import Thresholds
from onshore.trade.territories import country_warnings, find_country, territories
from onshore.trade.to_needs import needs_of_screen, products_of_needs

__all__ = [
    "COMPONENTS",
    "Complexity",
    "Dependency",
    "ExportPotential",
    "Facts",
    "Limits",
    "MarketSums",
    "Opportunity",
    "Thresholds",
    "TradeError",
    "complexity",
    "concentration",
    "country_warnings",
    "dependency",
    "diversification",
    "export_growth",
    "export_potential",
    "find_country",
    "market_sums",
    "needs_of_screen",
    "next_markets",
    "open_facts",
    "opportunity",
    "product_names",
    "products_of_needs",
    "scan_exports",
    "territories",
    "write_concentration",
]
