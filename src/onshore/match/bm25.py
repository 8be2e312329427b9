"""BM25 of many queries over one field of many documents, by sparse matrices."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Counts = Mapping[str, int]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Field:
    r"""One field of the documents, ready to be searched.

    The weight of a term :math:`t` in a document is, after Robertson & Zaragoza (2009), "The
    Probabilistic Relevance Framework: BM25 and Beyond", *Foundations and Trends in Information
    Retrieval* 3(4), equation 3.15,

    .. math:: w_t = \mathrm{idf}_t \, \frac{tf_t}{k_1 (1 - b + b\, dl / avdl) + tf_t}, \qquad
              \mathrm{idf}_t = \ln\left(1 + \frac{N - n_t + 0.5}{n_t + 0.5}\right)

    with :math:`n_t` of the :math:`N` documents containing it, :math:`dl` the document's number
    of terms and :math:`avdl` their mean. The 1 in the logarithm keeps common terms from
    counting against a document. A query's score is the sum over its terms, each as often as the
    query has it.

    Parameters
    ----------
    vocabulary
        Row of each term in ``weights``, terms in their sorted order, so that results do not
        depend on the order of the documents.
    weights
        Terms x documents, Float64.
    idf
        Of each term.
    size
        Number of documents.
    mean_length
        Mean number of terms of a document.
    k1, b
        How soon a repeated term saturates; how far length is normalised, 0 to 1.
    """

    vocabulary: dict[str, int]
    weights: "csr_array"
    idf: Vector
    size: int
    mean_length: float
    k1: float
    b: float

    @classmethod
    def of(cls, documents: Sequence[Counts], *, k1: float = 0.9, b: float = 0.4) -> "Field":
        """Index documents, each given as its terms with their counts.

        The defaults suit short lines, which are long for being wordy rather than for saying
        more (Trotman, Puurula & Burgess 2014, "Improvements to BM25 and Language Models
        Examined", ADCS).

        Examples
        --------
        >>> field = Field.of([{"gate": 1, "valve": 1}, {"ball": 1, "valve": 1}])
        >>> field.scores([{"gate": 1, "valve": 1}]).round(3).tolist()
        [[0.461, 0.096]]
        """
        from scipy.sparse import coo_array

        vocabulary = {term: row for row, term in enumerate(sorted(set().union(*documents)))}
        rows = np.array([vocabulary[term] for doc in documents for term in doc], dtype=np.int32)
        lengths = np.array([sum(doc.values()) for doc in documents], dtype=np.float64)
        columns = np.repeat(np.arange(len(documents)), [len(doc) for doc in documents])
        tf = np.array([count for doc in documents for count in doc.values()], dtype=np.float64)

        size = len(documents)
        idf = _idf(np.bincount(rows, minlength=len(vocabulary)).astype(np.float64), size)
        mean_length = float(lengths.mean()) if lengths.any() else 1.0
        saturation = k1 * (1 - b + b * lengths / mean_length)
        values = idf[rows] * tf / (saturation[columns] + tf)
        weights = coo_array((values, (rows, columns)), shape=(len(vocabulary), size)).tocsr()
        return cls(vocabulary, weights, idf, size, mean_length, k1, b)

    def scores(self, queries: Sequence[Counts]) -> Matrix:
        """Score every document for every query: an array of queries x documents, Float64."""
        from scipy.sparse import csr_array

        known = [
            sorted(
                (self.vocabulary[term], n) for term, n in query.items() if term in self.vocabulary
            )
            for query in queries
        ]
        ends = np.cumsum([0, *map(len, known)])
        rows = np.array([row for terms in known for row, _ in terms], dtype=np.int32)
        counts = np.array([n for terms in known for _, n in terms], dtype=np.float64)
        asked = csr_array((counts, rows, ends), shape=(len(queries), len(self.vocabulary)))
        scores: Matrix = (asked @ self.weights).toarray()
        return scores

    def attainable(self, query: Counts) -> float:
        """Score that a document would get which is the query word for word.

        A term that no document has counts with its idf too: where nobody speaks of what the
        query asks for, no document comes near this score.
        """
        saturation = self.k1 * (1 - self.b + self.b * sum(query.values()) / self.mean_length)
        unknown = math.log(1 + (self.size + 0.5) / 0.5)
        return math.fsum(
            n * n / (saturation + n)
            * (self.idf[self.vocabulary[term]] if term in self.vocabulary else unknown)
            for term, n in query.items()
        )  # fmt: skip


def _idf(containing: Vector, size: int) -> Vector:
    idf: Vector = np.log1p((size - containing + 0.5) / (containing + 0.5))
    return idf
