"""A question to the book, as a short text: which plan, account, period and labels a figure is the sum of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from mutirao.book.explain import FILTERS, PLACES, VIEWS
from mutirao.ground.findings import Finding, InputError

PLAN, ACCOUNT, PERIOD = "plan", "account", "period"


@dataclass(frozen=True)
class Question:
    """Where does a figure come from: the arguments of :func:`mutirao.book.explain.explain` for one plan.

    ``less`` names a second plan whose figure is taken off; "" where none is.
    """

    plan: str
    account: str
    period: int
    places: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    less: str = ""

    def text(self) -> str:
        """The question as a query string."""
        asked = {PLAN: self.plan, ACCOUNT: self.account, PERIOD: str(self.period), **self.places, **self.filters}
        return urlencode(asked | ({"less": self.less} if self.less else {}))


def read_question(query: str) -> Question:
    """Read a query string. Raises InputError where a part is missing or none of the book's labels."""
    given = dict(parse_qsl(query, keep_blank_values=False))
    missing = [name for name in (PLAN, ACCOUNT, PERIOD) if name not in given]
    strange = [n for n in given if n not in (PLAN, ACCOUNT, PERIOD, "less", *PLACES, *FILTERS, *VIEWS)]
    if missing or strange or not given[PERIOD].isdecimal() or len(given[PERIOD]) > 4:
        what = f"lacks {missing[0]}." if missing else f"has no label '{strange[0]}'." if strange else "names no year."
        mend = "Ask for plan, account and period, and for labels of the book such as zone, group or measure."
        raise InputError(Finding("question", None, (missing or strange or [PERIOD])[0], what, mend))
    return Question(
        given[PLAN],
        given[ACCOUNT],
        int(given[PERIOD]),
        {k: given[k] for k in PLACES if k in given},
        {k: given[k] for k in (*FILTERS, *VIEWS) if k in given},
        given.get("less", ""),
    )
