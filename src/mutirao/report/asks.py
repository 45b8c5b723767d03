"""Which figures of the report are sums of the book, and the question that explains each of them.

Every question recomputes to the figure it stands under, to the digits printed. Uses of energy stand in the book below
zero, for they are taken from what is supplied; the figure shows their size.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.explain import DISCOUNTED, TOGETHER
from mutirao.book.question import Question
from mutirao.ground.speech import say
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, KeyNumber
from mutirao.report.chapters_city import LARGE_ROW
from mutirao.report.content import ReportContent

RULES, ADOPTED = "rules", "adopted"
PAID = {"party": book.HOUSEHOLDS, "per": "home"}
Asking = Callable[[ReportContent, Figure], pd.DataFrame | None]


def with_asks(chapters: Sequence[Chapter], c: ReportContent) -> list[Chapter]:
    """The chapters with a question at every figure and key number that the book explains."""
    return [
        Chapter(
            _asked_section(chapter.section, c),
            tuple(_asked_section(s, c) for s in chapter.parts),
            tuple(_asked_number(n, c) for n in chapter.numbers),
        )
        for chapter in chapters
    ]


def _asked_section(section: Section, c: ReportContent) -> Section:
    return replace(section, figures=tuple(_asked_figure(f, c) for f in section.figures))


def _asked_figure(figure: Figure, c: ReportContent) -> Figure:
    asking = ASKS.get(figure.name)
    asks = asking(c, figure) if asking is not None and figure.asks is None else None
    return figure if asks is None else replace(figure, asks=asks)


def _asked_number(number: KeyNumber, c: ReportContent) -> KeyNumber:
    base, group, year = c.plan.base_year, _poorest(c), _first_decided(c.plan)
    if number.label == say("Emissions in {year}", year=base):
        return replace(number, ask=Question(ADOPTED, "carbon", base).text())
    if number.label == say("A household in the lowest income group in {year}", year=year) and _told(number.value):
        return replace(number, ask=_home(year, {"group": group} if group != book.CITY_WIDE["group"] else {}))
    if number.label == "The plan, against business as adopted":
        whole = {"party": TOGETHER, "view": "annuity", "over": DISCOUNTED}
        return replace(number, ask=Question(RULES, "money", c.plan.years[-1], {}, whole, ADOPTED).text())
    return number


def _poorest(c: ReportContent) -> str:
    groups = c.plan.meta["city"].get("groups") or [{"id": book.CITY_WIDE["group"]}]
    return str(groups[0]["id"])


def _first_decided(plan: Plan) -> int:
    return next((y for y in plan.years if y > plan.years[0]), plan.years[0])


def _home(year: int, places: dict[str, str], plan: str = RULES, less: str = ADOPTED) -> str:
    return Question(plan, "money", year, places, PAID, less).text()


def _told(text: object) -> bool:
    """True for a text that gives a figure."""
    return isinstance(text, str) and any(ch.isdigit() for ch in text) and not text.startswith(("cannot", "below"))


# ---- emissions


def _path(c: ReportContent, figure: Figure) -> pd.DataFrame:
    plans = {words: name for name, words in names.PLANS.items()}
    rows = figure.table.to_dict("records")
    return pd.DataFrame({"value": [Question(plans[r["plan"]], "carbon", int(r["year"])).text() for r in rows]})


def _inventory(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    rows = tables.inventory(c.adopted)
    shown = rows[rows["base"].abs() >= LARGE_ROW].to_dict("records")
    if len(shown) != len(figure.table):
        return None
    return pd.DataFrame(
        {
            "value": [
                Question(
                    ADOPTED, "carbon", c.plan.base_year, {}, {"gpc": str(r["gpc"]), "boundary": str(r["boundary"])}
                ).text()
                for r in shown
            ]
        }
    )


def _zones(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    zones = [str(z) for z in tables.zone_emissions(c.plan)["zone"]]
    years = [str(y) for y in figure.table if str(y).isdigit()]
    if len(zones) != len(figure.table):
        return None
    known = set(c.plan.book["zone"])
    return pd.DataFrame(
        {y: [Question(RULES, "carbon", int(y), {"zone": z}).text() if z in known else "" for z in zones] for y in years}
    )


def _road(c: ReportContent, figure: Figure) -> pd.DataFrame:
    """Emissions of road fuel: this plan, then the plan it is set beside."""
    at = {"boundary": "basic", "gpc": "II.1.1"}
    return pd.DataFrame(
        {
            "carbon": [
                Question(RULES if r["case"] == "this plan" else ADOPTED, "carbon", int(r["year"]), {}, at).text()
                for r in figure.table.to_dict("records")
            ]
        }
    )


def _heat(c: ReportContent, figure: Figure) -> pd.DataFrame:
    """Emissions of fuel burned for heat: homes and commerce of this plan, then of the plan it is set beside."""
    whose = [(p, gpc) for p in (RULES, ADOPTED) for gpc in ("I.1.1", "I.2.1")]
    each = len(figure.table) // len(whose)
    rows = figure.table.to_dict("records")
    posted = set(c.plan.book["gpc"]) & set(c.adopted.book["gpc"])
    return pd.DataFrame(
        {
            "carbon": [
                Question(p, "carbon", int(r["year"]), {}, {"boundary": "basic", "gpc": gpc}).text()
                if gpc in posted
                else ""
                for (p, gpc), r in zip([w for w in whose for _ in range(each)], rows, strict=True)
            ]
        }
    )


# ---- money


def _payers(c: ReportContent, figure: Figure) -> pd.DataFrame:
    parties = {words: name for name, words in names.PARTIES.items()}
    rows = [(parties[str(r["party"])], int(r["year"])) for r in figure.table.to_dict("records")]

    def ask(party: str, year: int, less: str) -> str:
        return Question(RULES, "money", year, {}, {"party": party, "view": "annuity"}, less).text()

    return pd.DataFrame({"change": [ask(*r, ADOPTED) for r in rows], "total": [ask(*r, "") for r in rows]})


def _groups(c: ReportContent) -> dict[str, str]:
    """Words of an income group, as the tables on households have them, to its id."""
    label = names.groups(c.plan.meta)
    low = [g["id"] for g in c.plan.meta["city"].get("groups") or [] if g.get("low_income")]
    return {words: g for g, words in label.items()} | {
        say("{income} (low income)", income=label[g]): g for g in low if g in label
    }


def _group_place(group: str) -> dict[str, str]:
    return {} if group == book.CITY_WIDE["group"] else {"group": group}


def _changes(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    """Change of a home's payments by income group, one column a year."""
    return _homes(c, figure, lambda r, y: _home(y, _group_place(r)))


def _homes(c: ReportContent, figure: Figure, ask: Callable[[str, int], str]) -> pd.DataFrame | None:
    known, first = _groups(c), str(figure.table.columns[0])
    groups = [known.get(str(w)) for w in figure.table[first]]
    years = [str(y) for y in figure.table if str(y).isdigit()]
    if None in groups:
        return None
    return pd.DataFrame(
        {
            y: [ask(str(g), int(y)) if _told(v) else "" for g, v in zip(groups, figure.table[y], strict=True)]
            for y in years
        }
    )


def _bars(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    """Change of a home's payments, one row a group (or tenure) and year."""
    if "group" in figure.table:
        known = _groups(c)
        place = [_group_place(known[str(w)]) if str(w) in known else None for w in figure.table["group"]]
    else:
        tenures = {words: name for name, words in names.TENURES.items()}
        place = [{"tenure": tenures[str(w)]} if str(w) in tenures else None for w in figure.table["tenure"]]
    if None in place:
        return None
    asks = [_home(int(y), p) for p, y in zip(place, figure.table["year"], strict=True) if p is not None]
    told = [a if _told(w) else "" for a, w in zip(asks, figure.table["words"], strict=True)]
    return pd.DataFrame({"value": asks, "words": told})


def _bills(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    known, last = _groups(c), c.plan.years[-1]
    groups = [known.get(str(w)) for w in figure.table["income"]]
    if None in groups:
        return None
    return pd.DataFrame(
        {
            say(head, year=last): [_home(last, _group_place(str(g)), plan, "") for g in groups]
            for head, plan in (("as adopted, {year}", ADOPTED), ("under the plan, {year}", RULES))
        }
    )


# ---- energy


def _electricity(c: ReportContent, figure: Figure) -> pd.DataFrame:
    uses = {
        "appliances of homes": {"kind": "appliances", "payer": book.HOUSEHOLDS},
        "heat of homes": {"kind": "heating", "payer": book.HOUSEHOLDS},
        "heat networks": {"kind": "heating", "payer": book.UTILITY},
        "charging vehicles": {"kind": "charging"},
    }
    posted = c.plan.book[["kind", "payer"]].drop_duplicates()
    there = {
        words: at
        for words, at in uses.items()
        if ((posted["kind"] == at["kind"]) & (posted["payer"] == at.get("payer", posted["payer"]))).any()
    }
    return pd.DataFrame(
        {
            "electricity": [
                Question(RULES, "energy", int(r["year"]), {}, {"carrier": "electricity", **there[r["use"]]}).text()
                if r["use"] in there
                else ""
                for r in figure.table.to_dict("records")
            ]
        }
    )


def _home_heat(c: ReportContent, figure: Figure) -> pd.DataFrame:
    """Heat that homes need: without works, with this plan, with the plan it is set beside."""

    def ask(case: str, year: int) -> str:
        if case == "without works":
            return Question(RULES, "energy", year, {}, {"carrier": "home_heat", "kind": "need"}).text()
        plan = RULES if case == "with this plan" else ADOPTED
        return Question(plan, "energy", year, {}, {"carrier": "home_heat", "system": "buildings"}).text()

    rows = figure.table.to_dict("records")
    return pd.DataFrame({"heat": [ask(str(r["case"]), int(r["year"])) for r in rows]})


def _sun(c: ReportContent, figure: Figure) -> pd.DataFrame | None:
    if "sun" not in set(c.plan.book["kind"]):
        return None
    at = {"carrier": "electricity", "kind": "sun"}
    column = [Question(RULES, "energy", int(y), {}, at).text() for y in figure.table["year"]]
    return pd.DataFrame({"electricity of PV, GWh": column})


#: Name of a figure -> its questions: a table with the rows of the figure's and some of its columns.
ASKS: dict[str, Asking] = {
    "path": _path, "inventory": _inventory, "zones-carbon": _zones, "mobility-carbon": _road, "heat-carbon": _heat,
    "payers": _payers, "changes": _changes, "households": _bars, "tenures": _bars, "bills": _bills,
    "power-uses": _electricity, "buildings-need": _home_heat, "power-own": _sun,
}  # fmt: skip
