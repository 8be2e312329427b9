"""BM25 of many queries over one field of many documents, by postings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Counts = Mapping[str, int]
Positions = np.ndarray[tuple[int], np.dtype[np.int64]]
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
        Number of each term, terms in their sorted order, so that results do not depend on the
        order of the documents.
    starts
        Where the postings of each term begin; one more, where the last ones end.
    documents, weights
        The postings: the documents that contain a term, ascending, and its weight in each.
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
    starts: Positions
    documents: Positions
    weights: Vector
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
        vocabulary = {term: at for at, term in enumerate(sorted(set().union(*documents)))}
        terms = np.array([vocabulary[term] for doc in documents for term in doc], dtype=np.int64)
        lengths = np.array([sum(doc.values()) for doc in documents], dtype=np.float64)
        places = np.repeat(np.arange(len(documents)), [len(doc) for doc in documents])
        tf = np.array([count for doc in documents for count in doc.values()], dtype=np.float64)

        size = len(documents)
        containing = np.bincount(terms, minlength=len(vocabulary))
        idf = _idf(containing.astype(np.float64), size)
        mean_length = float(lengths.mean()) if lengths.any() else 1.0
        saturation = k1 * (1 - b + b * lengths / mean_length)
        weights = idf[terms] * tf / (saturation[places] + tf)
        by_term = np.lexsort((places, terms))
        return cls(
            vocabulary=vocabulary,
            starts=np.concatenate(([0], np.cumsum(containing))),
            documents=places[by_term],
            weights=weights[by_term],
            idf=idf,
            size=size,
            mean_length=mean_length,
            k1=k1,
            b=b,
        )

    def scores(self, queries: Sequence[Counts]) -> Matrix:
        """Score every document for every query: an array of queries x documents, Float64."""
        scores: Matrix = np.zeros((len(queries), self.size))
        for row, query in zip(scores, queries, strict=True):
            postings = [
                (slice(self.starts[at], self.starts[at + 1]), count)
                for at, count in sorted(
                    (self.vocabulary[term], count)
                    for term, count in query.items()
                    if term in self.vocabulary
                )
            ]
            if postings:
                found = np.concatenate([self.documents[part] for part, _ in postings])
                worth = np.concatenate([self.weights[part] * count for part, count in postings])
                row += np.bincount(found, worth, minlength=self.size)
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
