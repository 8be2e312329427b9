"""Items in; codes out, each with its probability and the words that decided."""

from onshore.match.coding.classifying import classify_items
from onshore.match.coding.learned import CodeModel, learn_codes

__all__ = ["CodeModel", "classify_items", "learn_codes"]
