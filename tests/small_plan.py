"""A small made-up plan, and what a run says of it, whose numbers are known by hand."""

from typing import Any

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.model.figures import Section
from mutirao.report.content import Assessment, Headwinds, ReportContent, RuleResult

BASE, YEARS = 2019, (2026, 2030, 2050)
PERIODS = (BASE, *YEARS)
ZONES, GROUPS, TENURES = ("Z1", "Z2"), ("low", "high"), ("owner", "renter")
HOMES = {("Z1", "low"): 100.0, ("Z1", "high"): 300.0, ("Z2", "low"): 200.0, ("Z2", "high"): 200.0}
META: dict[str, Any] = {
    "city": {
        "name": "Testville",
        "id": "TST",
        "country": "XX",
        "currency": "EUR",
        "price_year": 2024,
        "boundary": "the town",
        "demonstration": True,
        "note": "",
        "zones": [
            {"zone": "Z1", "name": "North", "longitude": 1.0, "latitude": 50.0},
            {"zone": "Z2", "name": "South", "longitude": 1.02, "latitude": 49.98},
        ],
        "groups": [
            {"id": "low", "name": "below 30,000 EUR a year", "low_income": True},
            {"id": "high", "name": "30,000 EUR a year and more", "low_income": False},
        ],
        "pledge": {"boundaries": ["basic"], "source": "law"},
        "designation": None,
    },
    "base_year": BASE,
    "years": list(YEARS),
    "discount_rate": 0.03,
    "id": "abc123",
    "versions": {"mutirao": "0"},
    "year_weight": {"2019": 0, "2026": 2, "2030": 12, "2050": 10},
    "discount_weight": {"2019": 0, "2026": 2, "2030": 9, "2050": 5},
    "path": {"2030": 60.0, "2050": 0.0},
    "grid_factor": {str(y): 0.2 for y in PERIODS},
    "solve": {"status": "optimal", "residual": 1e-9, "gap": 0.0},
    "closest": False,
}


def a_plan(
    name: str,
    carbon: tuple[float, ...],
    bill: float = 1.0,
    dear_zone: float = 1.0,
    extra: dict[str, float] | None = None,
) -> Plan:
    """A plan: one bill per home (thousand EUR a year), one plant paid by the utility with a grant, one benefit."""
    terms, cells = [], []

    def post(labels: dict[str, str], rows: list[dict[str, Any]]) -> None:
        blank = dict.fromkeys(
            (
                "account",
                "system",
                "measure",
                "kind",
                "boundary",
                "gpc",
                "carrier",
                "payer",
                "receiver",
                "basis",
                "unit",
                "source",
            ),
            "",
        )
        terms.append(blank | labels | {"drivers": "", "quantity_unit": "M/a", "meaning": "test"})
        place = {"zone": "CITY", "group": "ALL", "tenure": "ALL", "path": 1.0}
        cells.extend({"term": len(terms), "decision": np.nan} | place | row for row in rows)

    for gpc, share in (("I.1.1", 0.7), ("II.1.1", 0.3)):
        post(
            {"account": "carbon", "boundary": "basic", "gpc": gpc, "unit": "kt/a", "kind": "combustion"},
            [{"period": y, "quantity": share * v} for y, v in zip(PERIODS, carbon, strict=True)],
        )
    bills = [
        {
            "period": y,
            "zone": z,
            "group": g,
            "tenure": t,
            "quantity": HOMES[z, g] / 2 * (bill if y > 2026 else 1.0) * (dear_zone if z == "Z2" else 1.0) / 1e3
            + ((extra or {}).get(g, 0.0) / 2 * HOMES[z, g] / 1e6 if y > 2026 else 0.0),
        }
        for y in PERIODS
        for z in ZONES
        for g in GROUPS
        for t in TENURES
    ]
    money = {"account": "money", "unit": "M/a", "system": "heat"}
    post(money | {"payer": "households", "receiver": "utility", "basis": "running", "kind": "energy"}, bills)
    post(
        money | {"payer": "utility", "receiver": "suppliers", "basis": "cash", "kind": "plant"},
        [{"period": 2030, "quantity": 8.0}],
    )
    post(
        money | {"payer": "state", "receiver": "utility", "basis": "cash", "kind": "grant"},
        [{"period": 2030, "quantity": 3.0}],
    )
    post(
        {"account": "benefit", "kind": "jobs", "unit": "jobs", "receiver": "households"},
        [{"period": 2030, "quantity": 12.0}],
    )
    homes = [
        {
            "name": "households",
            "zone": z,
            "group": g,
            "tenure": t,
            "value": n / 2,
            "unit": "households",
            "source": "test",
        }
        for (z, g), n in HOMES.items()
        for t in TENURES
    ]
    people = [
        {
            "name": "population",
            "zone": z,
            "group": "ALL",
            "tenure": "ALL",
            "value": 1000.0,
            "unit": "people",
            "source": "test",
        }
        for z in ZONES
    ]
    shares = [
        {
            "measure": m,
            "period": y,
            "amount": s * (y > 2026),
            "potential": 1.0,
            "share": s * (y > 2026),
            "unit": "share",
            "meaning": w,
            "power": p,
        }
        for m, w, p, s in (
            ("heat.heat_pumps", "homes with heat pumps", "owners", 0.6),
            ("mobility.transit", "better buses", "city", 1.0),
        )
        for y in PERIODS
    ]
    drivers = pd.DataFrame(
        [
            {
                "name": "shortfall_price",
                "value": 1000.0,
                "low": 1000.0,
                "high": 1000.0,
                "unit": "EUR/t",
                "kind": "assumption",
                "source": "test",
                "note": "",
                "system": "plan",
                "steps": "default: 1000 (test)",
            }
        ]
    )
    duals = pd.DataFrame(
        [
            {"limit": "pledge-path", "family": "path", "period": y, "at": "", "dual": -0.1, "price": 0.12, "unit": "kt"}
            for y in (2030, 2050)
        ]
    )
    limits = pd.DataFrame(
        [{"limit": "pledge-path", "family": "path", "unit": "kt", "meaning": "pledge", "missed": 0.0}]
    )
    return Plan(
        name,
        name,
        pd.DataFrame(terms, index=pd.Index(range(1, len(terms) + 1), name="term")),
        pd.DataFrame(cells),
        drivers,
        pd.DataFrame(shares),
        duals,
        limits,
        pd.DataFrame(homes + people),
        {},
        META,
    )


def a_content() -> ReportContent:
    """A run of four plans with one rule on and one off."""
    plans = {
        "no_action": a_plan("no_action", (100.0, 100.0, 95.0, 90.0)),
        "adopted": a_plan("adopted", (100.0, 100.0, 90.0, 80.0)),
        "least_cost": a_plan("least_cost", (100.0, 100.0, 60.0, 0.0), 1.1),
        "rules": a_plan("rules", (100.0, 100.0, 60.0, 0.0), 1.1, extra={"low": -200.0}),
    }
    rules = [
        RuleResult(
            "no_low_income_worse_off",
            "no low-income group pays more",
            "the assembly",
            "2026-01-02",
            "by vote",
            True,
            "",
            2.5,
            0.01,
            "",
            pd.DataFrame({"group": ["low", "high"], "with_rule": [900.0, 1100.0], "without_rule": [1100.0, 1100.0]}),
        ),
        RuleResult(
            "benefit_share", "a share", "", "", "", False, "Rule 'benefit_share' is off: nobody designated homes."
        ),
    ]
    wedge = pd.DataFrame(
        [
            {"period": y, "family": f, "value": v}
            for y, f, v in (
                (2026, "heating", 0.0),
                (2030, "heating", 20.0),
                (2050, "heating", 50.0),
                (2026, "electric vehicles", 0.0),
                (2030, "electric vehicles", 10.0),
                (2050, "electric vehicles", 30.0),
            )
        ]
    )
    return ReportContent("Testville", plans, "2026-02-03", [Section("s", "Heat", ("Words.",))], rules, wedge)


def an_assessment() -> Assessment:
    """Four actions, one of them not modelled."""
    gap = pd.DataFrame({"year": range(2026, 2051)})
    gap["adopted"] = np.linspace(100, 80, 25)
    gap["pledge"] = np.where(gap["year"] < 2030, np.nan, np.where(gap["year"] < 2050, 60.0, 0.0))
    gap["gap"] = (gap["adopted"] - gap["pledge"]).clip(lower=0)
    actions = pd.DataFrame(
        [
            {
                "action": f"Action {i}",
                "measure": "heat.heat_pumps",
                "owner": "City",
                "power": p,
                "status": "adopted",
                "funding": "",
                "funded_share": f,
                "modelled": i != 2,
                "why": "" if i != 2 else "no amount is stated",
                "kt_2030": 1.0 * i,
                "kt_2050": 2.0 * i,
            }
            for i, p, f in ((1, "city", 1.0), (2, "state", np.nan), (3, "state", 0.5), (4, "city", np.nan))
        ]
    )
    actions.loc[1, ["kt_2030", "kt_2050"]] = np.nan
    payers = pd.DataFrame(
        {"party": ["households", "city"], "no_action": [10.0, 1.0], "adopted": [9.0, 4.0], "difference": [-1.0, 3.0]}
    )
    more = pd.DataFrame(
        {
            "measure": ["mobility.transit"],
            "meaning": ["better buses"],
            "adopted_share": [0.1],
            "plan_share": [1.0],
            "difference": [0.9],
            "words": ["add"],
        }
    )
    return Assessment(gap, payers, actions, 3.0, 6.0, more, None, 8.0, 2050)


def some_headwinds() -> Headwinds:
    """Calm weather and one headwind that breaks the pledge."""
    cases = pd.DataFrame(
        [
            {
                "case": "calm weather",
                "words": "nothing goes wrong",
                "kept": True,
                "missed_kt": 0.0,
                "cost_change": 0.0,
                "who_pays": "",
            },
            {
                "case": "costs + 30 %",
                "words": "dearer",
                "kept": False,
                "missed_kt": 12.0,
                "cost_change": 40.0,
                "who_pays": "households",
            },
        ]
    )
    steps = pd.DataFrame(
        {
            "measure": ["mobility.transit"],
            "meaning": ["better buses"],
            "power": ["city"],
            "calm weather": [0.5],
            "costs + 30 %": [0.4],
            "start_now": [True],
        }
    )
    return Headwinds(cases, steps, ["mobility.transit"], 2030)
