"""The declaration of one variable that a city may bring: the unit of the data dictionary."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """A figure that a system reads from the city's tables.

    name : the word in the column ``variable``; the same word on every page.
    file : the topical table it belongs to, such as ``people.csv``.
    unit : the unit the table must state; money is written with ``CUR`` for the city's currency.
    by : the finest labels it may carry: "" (city only), "zone", "group" or "zone group". A coarser row is welcome.
    minimum, maximum : values outside are an error.
    required : a plan cannot be made without it; otherwise a default is used and reported.
    yearly : several years may be given (a path); otherwise the row nearest the base year counts.
    meaning : one sentence for the data dictionary.
    default : what is used when the city does not bring it, in words (a parameter's name, or "the system is off").
    """

    name: str
    file: str
    unit: str
    meaning: str
    by: str = "zone"
    minimum: float = 0.0
    maximum: float = float("inf")
    required: bool = False
    yearly: bool = False
    default: str = ""
    system: str = ""
