"""The sheets as one page for a printer: everything inside, nothing fetched, no script."""

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from mutirao.report.html import environment
from mutirao.report.tablekit import shown
from mutirao.report.tablekit.assumptions import Assumption
from mutirao.report.tablekit.content import REFERENCE, Change, HomeRow, HomeTable, Kit
from mutirao.report.tablekit.language import Words
from mutirao.report.tablekit.shown import Cell

#: Parameters on one sheet, and the longest source that is printed.
PER_SHEET, SOURCE_LETTERS = 6, 150
#: What people see on a pump or a bill, by parameter and whether the country is the United States: factor, words.
#: kWh in a gallon of petrol and of heating oil: 0.125 and 0.138 MMBtu (40 CFR 98 Table C-1); in a therm 100 000 Btu;
#: in a litre the same gallons over 3.785; a mile is 1.609 km. Gross heating value.
EVERYDAY = {
    ("petrol_price", True): (36.63, "gallon"),
    ("petrol_price", False): (9.68, "litre"),
    ("oil_price_residential", True): (40.44, "gallon"),
    ("oil_price_residential", False): (10.68, "litre"),
    ("gas_price_residential", True): (29.31, "therm"),
    ("combustion_car_maintenance", True): (1.609, "mile"),
    ("electric_car_maintenance", True): (1.609, "mile"),
    ("transit_fare", True): (1.609, "mile"),
}


def sheets_html(kit: Kit, t: Words, example: str, command: str, known_rules: Sequence[str], when: str = "") -> str:
    """All sheets of a zone in one language.

    example : text of the answers file. command : the line that enters it. known_rules : names a group may use.
    """
    currency = str(kit.city["currency"])
    view: dict[str, Any] = {
        "t": t,
        "kit": kit,
        "style": style(),
        "date": when or date.today().isoformat(),
        "city": str(kit.city["name"]),
        "zone": kit.zone_name,
        "year": int(kit.city["pledge"]["neutrality_year"]),
        "currency": currency,
        "money": t("page.money", currency=currency, year=kit.city["price_year"]),
        "demonstration": bool(kit.city.get("demonstration")),
        "note": str(kit.city.get("note") or ""),
        "where": where_words(kit, t),
        "homes": [_home_view(kit, t, h) for h in kit.tables],
        "change": _change_view(kit, t),
        "compare": compare_view(kit, t),
        "doubts": _doubts(kit, t),
        "example": example,
        "command": command,
        "known_rules": list(known_rules),
        "known_works": sorted(set(kit.columns[REFERENCE].plan.measures["measure"].astype(str))),
    }
    return environment().get_template("tablekit_sheets.html").render(**view)


def style() -> Markup:
    return Markup(files("mutirao.report.tablekit").joinpath("sheets.css").read_text(encoding="utf-8"))


def where_words(kit: Kit, t: Words) -> str:
    """Whose numbers these are: the zone's, or those of homes like these in the whole city."""
    if kit.one_zone:
        return t("home.one_zone")
    return t("home.citywide_some", zone=kit.zone_name) if kit.own else t("home.citywide_all")


def _home_view(kit: Kit, t: Words, table: HomeTable) -> dict[str, Any]:
    years, last = kit.years, kit.years[-1]
    cells = [(p, y) for y in years for p in ("adopted", "rules")]
    country = str(kit.city.get("country", ""))
    blocks: dict[str, list[Any]] = {}
    for r in table.rows:
        blocks.setdefault(t(f"home.{r.heating}"), []).append(
            (*shown.size_words(t, r.size, r.area, country), _bills(t, r, cells))
        )
    works = [
        (t(f"home.{w}"), [shown.homes_of_100(t, share[c]) for c in [("adopted", kit.today), *cells]])
        for w, share in table.works.items()
        if w != "district" or any(c.works == "district" for c in kit.changes)
    ]
    return {
        "tenure": table.tenure,
        "years": years,
        "last": last,
        "blocks": list(blocks.items()),
        "car": _bills(t, table.car, cells) if table.car else [],
        "works": works,
        "cost": [shown.amount(t, table.cost[c]) for c in cells],
    }


def _bills(t: Words, r: HomeRow, cells: Sequence[tuple[str, int]]) -> list[Cell]:
    return [shown.amount(t, r.today), *(shown.amount(t, r.later[c]) for c in cells), shown.change(t, r.difference)]


def _change_view(kit: Kit, t: Words) -> dict[str, Any]:
    def row(c: Change) -> dict[str, Any]:
        says = f"change.{c.works}_says"
        return {
            "name": t(f"change.{c.works}"),
            "says": t(says) if says in t.texts else "",
            "bills": [shown.change(t, s) for s in c.bill.values()],
            "once": shown.amount(t, c.at_once),
            "yearly": shown.amount(t, c.yearly),
            "rent": shown.change(t, c.rent),
        }

    light, deep = kit.warmth["light_retrofit"], kit.warmth["deep_retrofit"]
    warm = t(
        "change.warm",
        light=t.percent(light.value, 1),
        light_range=t("number.percent", n=t.between(100 * light.low, 100 * light.high)),
        deep=t.percent(deep.value, 1),
        deep_range=t("number.percent", n=t.between(100 * deep.low, 100 * deep.high)),
    )
    car = ""
    if kit.car:
        both = {k: t.cash(s.value) for k, s in kit.car.items()}
        both |= {f"{k}_range": t.between(s.low, s.high) for k, s in kit.car.items()}
        car = t("change.car_words", **both)
    return {"rows": [row(c) for c in kit.changes], "warm": warm, "car": car, "m2": kit.medium}


def compare_view(kit: Kit, t: Words) -> dict[str, Any]:
    """The alternatives as columns of cells, in the order of the kit."""
    columns, years = kit.columns, [kit.today, *kit.years]
    ends = [kit.years[0], kit.years[-1]] if len(kit.years) > 1 else list(kit.years)
    currency = str(kit.city["currency"])
    top = max(s.high for a in columns.values() for s in a.tonnes.values())
    parties, most = shown.payers(t, columns, REFERENCE)
    groups = shown.group_words(t, kit.city.get("groups") or [], currency)
    low = {str(g["id"]) for g in kit.city.get("groups") or [] if g.get("low_income")}
    base = columns[REFERENCE]
    out = []
    for name, a in columns.items():
        is_base = name == REFERENCE
        out.append({
            "name": t(f"alternative.{name}"),
            "says": t(f"alternative_says.{name}"),
            "base": is_base,
            "tonnes": shown.tonnes(t, a, years, top),
            "pledge": shown.pledge_words(t, a),
            "cost": Cell(t("compare.cost_base")) if is_base else shown.cost(t, a, currency),
            "payers": [shown.payer(t, a, p, most) for p in parties],
            "homes": {
                g.key: [
                    shown.amount(t, a.homes.span(g, y)) if is_base else shown.change(t, a.home[g.key][y])
                    for y in ends
                ]
                for g in base.targets
            },
            "works": [x for _, x in shown.works_on_homes(t, a, kit.zone, kit.years)],
            "city": [x for _, x in shown.city_works(t, a, kit.years)],
            "rules": [shown.rule_words(t, r) for r in kit.rules] if name == "rules" else [],
            "none": t("compare.rules_law") if is_base else t("compare.rules_none"),
        })  # fmt: skip
    setters = dict.fromkeys((str(r.get("set_by", "")), str(r.get("date", ""))) for r in kit.rules)
    return {
        "columns": out,
        "years": years,
        "ends": ends,
        "payers": [t.named("payer", p) for p in parties],
        "works": [n for n, _ in shown.works_on_homes(t, base, kit.zone, kit.years)],
        "city": [n for n, _ in shown.city_works(t, base, kit.years)],
        "targets": [
            (g.kind, g.key, shown.target_words(t, g, groups), g.kind == "group" and g.name in low)
            for g in base.targets
        ],
        "homes": t.number(base.targets[0].homes, 3),
        "setters": [t("compare.rules_set", who=w, date=d) for w, d in setters if w],
    }  # fmt: skip


def _doubts(kit: Kit, t: Words) -> list[list[dict[str, Any]]]:
    """Assumptions in words, in sheets of so many."""
    items = [_doubt(kit, t, a) for a in kit.assumptions]
    return [items[i : i + PER_SHEET] for i in range(0, len(items), PER_SHEET)]


def _doubt(kit: Kit, t: Words, a: Assumption) -> dict[str, Any]:
    currency = str(kit.city["currency"])
    first, _, rest = a.source.partition(" ")
    source = f"{kit.sources[first]} {rest}" if first in kit.sources else a.source
    day = EVERYDAY.get((a.name, str(kit.city.get("country")) == "US"))
    moves = t("number.more" if a.moves > 0 else "number.less", n=f"{t.number(abs(a.moves))} {currency}")
    ends = [shown.value_words(t, e, "share" if a.unit == "share" else "", currency) for e in (a.low, a.high)]
    return {
        "words": t.named("parameter", a.name),
        "name": a.name,
        "value": shown.value_words(t, a.value, a.unit, currency),
        "everyday": t(f"doubt.{day[1]}", n=t.plain(a.value * day[0], 2), currency=currency) if day else "",
        "range": t("number.range", low=ends[0], high=ends[1]),
        "moves": t("doubt.moves", change=moves),
        "source": t("doubt.source", source=short(source)),
        "kind": t("doubt.fact") if a.kind == "fact" else t("doubt.assumption"),
    }


def short(text: str, most: int = SOURCE_LETTERS) -> str:
    """A text cut at a word, with an ellipsis where something is left out."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",;:") + " …"
