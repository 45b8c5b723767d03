"""Where a number of a plan comes from, on the web: reading the question, asking the book, the form to ask by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
from django.utils.translation import gettext as _

from mutirao.book.bundle import Plan as Bundle
from mutirao.book.explain import DISCOUNTED, FILTERS, PLACES, TOGETHER, YEARS_OF, Explanation, Line, explain, formula
from mutirao.book.question import Question, read_question
from mutirao.book.terms import CITY_WIDE
from mutirao.city.facts import CITY
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import again, say, word
from mutirao.justice.disclosure import LEAST
from mutirao.justice.outcomes import homes_of
from mutirao.report import names
from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import RULES, books, bundle_at, bundle_of, finished
from mutirao.web.plans.wording import assumption_words

#: Terms printed in full; the rest is one line.
MOST = 60
ACCOUNTS = {
    "carbon": word("emissions"),
    "money": word("payments"),
    "energy": word("energy"),
    "benefit": word("benefits"),
    "welfare": word("valued effects beside money"),
}
LABELS = {
    "plan": word("plan"), "account": word("what is counted"), "period": word("year"), "zone": word("zone"),
    "group": word("income group"), "tenure": word("tenure"), "system": word("system"), "measure": word("measure"),
    "kind": word("kind"), "boundary": word("boundary"), "gpc": word("inventory line"), "carrier": word("carrier"),
    "payer": word("who pays"), "receiver": word("who receives"), "basis": word("basis"), "less": word("less the plan"),
}  # fmt: skip
BASES = {"running": word("running costs"), "cash": word("works, when paid"), "annuity": word("works, as repayments")}


@dataclass(frozen=True)
class Used:
    """A price or factor in a term, with the range it is held to lie in."""

    name: str
    value: float
    power: int
    unit: str
    source: str
    steps: str
    low: float
    high: float
    driver: bool

    @property
    def words(self) -> str:
        return assumption_words(self.name)

    @property
    def ranged(self) -> bool:
        return self.low < self.high


@dataclass(frozen=True)
class Term:
    """One term of an answer: in the plan asked, in the one taken off (if any), and what remains."""

    line: Line | None
    less: Line | None
    value: float

    inputs: tuple[Used, ...] = ()
    labels: str = ""

    @property
    def shown(self) -> Line:
        """The term itself; where only the plan taken off has it, that one's."""
        found = self.line or self.less
        if found is None:
            raise ValueError("a term is in the plan asked, in the one taken off, or in both")
        return found

    @property
    def formulas(self) -> list[str]:
        """Each can be typed into a calculator; where a plan is taken off, its own follows with a minus."""
        return [formula(x) for x in (self.line, self.less) if x is not None]


@dataclass(frozen=True)
class Answer:
    """A figure, the terms that sum to it, largest first, and how many are not printed."""

    title: str
    total: float
    unit: str
    terms: tuple[Term, ...]
    rest: int
    rest_value: float
    of: float
    taken_off: float | None


@dataclass(frozen=True)
class Choice:
    """One select of the form: its name and label, and what can be chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    needed: bool


def answer(plan: Plan, query: str) -> Answer:
    """Ask a plan's book by a query string. Raises InputError with a sentence where it cannot be answered."""
    question = read_question(query)
    found = _explained(plan, question, question.plan)
    other = _explained(plan, question, question.less) if question.less else None
    terms = _terms(found, other)
    rest = terms[MOST:]
    ranges = bundle_of(plan, question.plan).drivers.set_index("name")[["low", "high"]]
    shown = [replace(t, inputs=_used(t.shown, ranges), labels=_label_words(t.shown)) for t in terms[:MOST]]
    total = found.total - (other.total if other else 0.0)
    unit = _unit(bundle_of(plan), found.unit or (other.unit if other else ""))
    return Answer(
        titled(bundle_of(plan), question), total, unit, tuple(shown), len(rest), sum(t.value for t in rest),
        found.total, other.total if other else None,
    )  # fmt: skip


def _explained(plan: Plan, q: Question, name: str) -> Explanation:
    if name not in books(plan):
        mend = say("There is: {names}.", names=", ".join(books(plan)))
        raise InputError(Finding("question", None, "plan", word("there is no such plan in this run."), mend))
    bundle = bundle_of(plan, name)
    refuse_few_homes(bundle, q.places)
    return explain(bundle, q.account, q.period, dict(q.places), dict(q.filters))


def refuse_few_homes(bundle: Bundle, places: Mapping[str, str]) -> None:
    """What few homes pay is theirs to show: such cells are asked together, as they are printed together.

    Raises InputError where the places asked for (zone, group, tenure) hold fewer.
    """
    asked = {k: v for k, v in places.items() if v != CITY_WIDE[k]}
    homes = homes_of(bundle).reset_index(name="homes")
    for label, wanted in asked.items():
        homes = homes[homes[label] == wanted]
    if asked and 0.0 < float(homes["homes"].sum()) < LEAST:
        what = word("so few homes are counted there that the figure could be someone's own.")
        raise InputError(Finding("question", None, "zone", what, word("Ask for a larger place or group.")))


def _terms(found: Explanation, other: Explanation | None) -> list[Term]:
    mine, theirs = _keyed(found), _keyed(other) if other else {}
    both = [(mine.get(k), theirs.get(k)) for k in dict.fromkeys([*mine, *theirs])]
    terms = [Term(a, b, (a.value if a else 0.0) - (b.value if b else 0.0)) for a, b in both]
    return sorted(terms, key=lambda t: -abs(t.value))


def _label_words(line: Line) -> str:
    known = {**names.PARTIES, **names.BOUNDARIES, **BASES}
    return ", ".join(again(known.get(x, x.replace("_", " "))) for x in line.labels.split(", ") if x)


def _unit(bundle: Bundle, unit: str) -> str:
    """The unit of a figure in words; money is booked in millions of the city's currency."""
    if unit == "M/a":
        return say("million {currency} a year", currency=str(bundle.meta["city"]["currency"]))
    if unit == "M":
        return say("million {currency}, discounted", currency=str(bundle.meta["city"]["currency"]))
    return unit


def _used(line: Line, ranges: pd.DataFrame) -> tuple[Used, ...]:
    out = []
    for i in line.inputs:
        known = i.name in ranges.index
        low, high = (float(ranges[end][i.name]) if known else i.value for end in ("low", "high"))
        out.append(Used(i.name, i.value, i.power, i.unit, i.source, i.steps, low, high, known))
    return tuple(out)


def _keyed(e: Explanation) -> dict[tuple[str, str, str, str, int], Line]:
    seen: Counter[tuple[str, str, str, str]] = Counter()
    out = {}
    for line in e.lines:
        # In a sum over years a term stands once for each milestone: the same one is taken off.
        when = next((i.name for i in line.inputs if i.name.startswith(YEARS_OF)), "")
        key = (line.meaning, line.labels, line.source, when)
        out[*key, seen[key]] = line
        seen[key] += 1
    return out


def titled(bundle: Bundle, q: Question) -> str:
    """What is asked, in words of the reader's language."""
    when = {} if "over" in q.filters else {"period": str(q.period)}
    parts = {"account": q.account, **when, **q.places, **q.filters}
    said = [_option(bundle, label, value) for label, value in parts.items()]
    plans = [again(names.PLANS.get(n, n)) for n in (q.plan, q.less) if n]
    text = " · ".join([*said, plans[0]])
    return _("%(what)s, less %(plan)s") % {"what": text, "plan": plans[1]} if q.less else text


def choices(plan: Plan, query: dict[str, str]) -> list[Choice]:
    """The form to ask the book by, with what is asked now."""
    bundle = bundle_of(plan)
    known = _labels(finished(plan) / "plans" / RULES)
    named = books(plan)
    of_plans = [(n, again(names.PLANS.get(n, n))) for n in named]
    out = [
        Choice("plan", again(LABELS["plan"]), tuple(of_plans), query.get("plan", RULES), True),
        Choice("account", again(LABELS["account"]), _options(bundle, "account", known), query.get("account", ""), True),
        Choice("period", again(LABELS["period"]), _options(bundle, "period", known), query.get("period", ""), True),
    ]
    out += [
        Choice(label, again(LABELS[label]), _options(bundle, label, known), query.get(label, ""), False)
        for label in (*PLACES, *FILTERS)
        if known[label]
    ]
    out.append(Choice("less", again(LABELS["less"]), tuple(of_plans), query.get("less", ""), False))
    return out


def _options(bundle: Bundle, label: str, known: dict[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    return tuple((value, _option(bundle, label, value)) for value in known[label])


@lru_cache(16)
def _labels(folder: Path) -> dict[str, tuple[str, ...]]:
    book = bundle_at(folder).book
    places = {"zone": CITY, "group": CITY_WIDE["group"], "tenure": CITY_WIDE["tenure"]}
    out = {}
    for label in ("account", "period", *PLACES, *FILTERS):
        found = sorted({str(v) for v in book[label].unique() if str(v)})
        # The first of a place is everything that is booked to no smaller one.
        out[label] = tuple(sorted(found, key=lambda v, label=label: (v != places.get(label), v)))  # type: ignore[misc]
    return out


def _option(bundle: Bundle, label: str, value: str) -> str:
    meta = bundle.meta["city"]
    if label == "zone":
        named = {str(z["zone"]): str(z["name"]) for z in meta["zones"]}
        return _("booked to no zone") if value == CITY and value not in named else named.get(value, value)
    if label == "group":
        return again(names.groups(bundle.meta).get(value, value))
    words = {
        "account": ACCOUNTS, "tenure": names.TENURES, "payer": names.PARTIES, "receiver": names.PARTIES,
        "kind": names.KINDS, "boundary": names.BOUNDARIES, "basis": BASES, "view": BASES,
        "party": {**names.PARTIES, TOGETHER: word("everyone in the city together")},
        "over": {DISCOUNTED: word("all years of the plan, discounted")}, "per": {"home": word("each home")},
        "measure": names.measures(bundle) if label == "measure" else {},
    }  # fmt: skip
    if label == "gpc":
        return again(names.gpc(value))
    return again(words[label].get(value, value.replace("_", " "))) if label in words else again(value.replace("_", " "))


def asked_of(query: str) -> dict[str, str]:
    """A query string as the form's values; what cannot be read is left out."""
    try:
        q = read_question(query)
    except InputError:
        return {}
    return {"plan": q.plan, "account": q.account, "period": str(q.period), **q.places, **q.filters, "less": q.less}


def question_text(given: dict[str, str]) -> str:
    """The query string of a filled form; blank selects say nothing."""
    return urlencode({k: v for k, v in given.items() if v and k in LABELS})
