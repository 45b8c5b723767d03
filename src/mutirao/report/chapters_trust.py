"""Chapters on trust: headwinds, who decides, checks, assumptions and gaps, the words used."""

from typing import Any

import pandas as pd

from mutirao.ground.speech import say, together
from mutirao.model.figures import Figure, Section
from mutirao.report import names
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import NOT_COMPUTED, Headwinds, ReportContent
from mutirao.report.scales import ShareTable
from mutirao.report.words import apart, kilotonnes, listed, money, number, percent, sentence


def headwinds(c: ReportContent) -> Chapter:
    """What happens when the wind turns, and the steps that are right in every case."""
    title = "Headwinds, and what to start now"
    if c.headwinds is None:
        return Chapter(Section("headwinds", title, (NOT_COMPUTED,)))
    return headwinds_chapter(c.headwinds, c.plan.meta["city"]["currency"], c.money_unit, title)


def headwinds_chapter(h: Headwinds, currency: str, unit: str, title: str) -> Chapter:
    """The same from the headwinds alone, for the page that `mutirao headwinds` writes."""
    cases = h.cases
    broken = cases[~cases["kept"].astype(bool)]
    words = ["Each headwind is solved anew under the same pledge and the same rules. Nobody says how likely it is."]
    if len(broken):
        count = {"some": len(broken), "every": len(cases)}
        words.append(
            say("Not every promise is kept: {some} of {every} cases miss the pledge.", **count)
            if bool(cases.iloc[0]["kept"])
            else say("Not every promise is kept: {some} of {every} cases miss the pledge, in calm weather too.",
                     **count)
        )  # fmt: skip
    else:
        words.append("Every promise is kept in every case.")
    return Chapter(Section("headwinds", title, tuple(words), (_cases(h, currency, unit),)), (_start_now(h), _steps(h)))


def _cases(h: Headwinds, currency: str, unit: str) -> Figure:
    rows = []
    for r in h.cases.to_dict("records"):
        row = {
            "case": say("{case}: {words}", case=str(r["case"]), words=str(r["words"])),
            "pledge": "kept" if r["kept"] else _missed(float(r["missed_kt"]), r.get("missed_year")),
            "cost against calm weather": float(r["cost_change"]),
            "falls most to": _payer(str(r["who_pays"] or ""), r.get("who_pays_change"), currency),
        }
        if "neutral" in r:
            row["neutral at the end"] = "yes" if r["neutral"] else "no"
        if "city_power_kt" in r:
            row["kt CO2e in the City's power"] = float(r["city_power_kt"])
        rows.append(row)
    return table(
        "headwinds",
        "The plan under the rules in each headwind",
        pd.DataFrame(rows),
        say("cost in million {money}, discounted", money=unit),
        ("solved again for each case",),
    )


def _missed(amount: float, year: Any) -> str:
    if not year:
        return say("missed by {amount} kt", amount=number(amount))
    return say("missed by {amount} kt in {year}", amount=number(amount), year=int(year))


def _payer(party: str, change: Any, currency: str) -> str:
    if not party:
        return "nobody"
    name = names.party(party)
    return name if change is None else say("{party}, {amount}", party=name, amount=money(float(change), currency))


def _start_now(h: Headwinds) -> Section:
    meaning = dict(zip(h.steps["measure"], h.steps["meaning"].astype(str), strict=True))
    right = say("Right in every case by {year}:", year=h.first) if h.first else "Right in every case:"
    words = [right if h.start_now else "No single step is right in every case."]
    words += [sentence(meaning.get(m, m)) for m in h.start_now]
    return Section("start-now", "Start now", tuple(words))


def _steps(h: Headwinds) -> Section:
    fixed = {"measure", "meaning", "power", "start_now"}
    cases = [str(x) for x in h.steps if x not in fixed]
    shown = h.steps[["meaning", *cases, "start_now"]].rename(columns={"meaning": "measure", "start_now": "start now"})
    shown = shown[(shown[cases].max(axis=1) > 0.005)]
    figure = ShareTable(
        "steps",
        say("First steps in each case, by {year}", year=h.first) if h.first else "First steps in each case",
        "table",
        shown,
        "",
        "",
        "share of what is possible in the city",
        ("solved again for each case",),
        shares=tuple(cases),
        note="A step is right in every case when each case takes at least half of what calm weather takes.",
    )
    return Section("steps", "Step by step", (), (figure,))


def who_decides(c: ReportContent) -> Chapter:
    """Measures by whose power they are in."""
    end = c.plan.measures[c.plan.measures["period"] == c.plan.years[-1]]
    used = end[end["share"] > 0.005]
    rows = []
    for power, part in used.groupby("power", sort=False):
        part = part.sort_values("share", ascending=False)
        rows.append(
            {
                "in the power of": names.power(str(power)),
                "measures": len(part),
                "which": apart(
                    [
                        say("{measure} ({share})", measure=str(r["meaning"]), share=percent(float(r["share"])))
                        for r in part.to_dict("records")
                    ]
                ),
            }
        )
    own = used[used["power"] == "city"]
    words = [
        say(
            "Of {every} measures that the plan uses in {year}, {some} are in the City's own power. The rest is decided "
            "by others: the City can ask, pay, permit or lead, but not order.",
            every=len(used),
            year=c.plan.years[-1],
            some=len(own),
        ),
        "A signature of an organisation is not the consent of the residents it speaks for.",
    ]
    shown = (
        pd.DataFrame(rows).sort_values("measures", ascending=False)
        if rows
        else pd.DataFrame(columns=["in the power of", "measures", "which"])
    )
    figures = [
        table(
            "powers",
            "Who decides on which measure",
            shown,
            "share of what is possible, at the end of the plan",
            ("declared by each system",),
        )
    ]
    if c.assessment is not None:
        a = c.assessment
        words.append(
            say(
                "Of what the city's own actions avoid, {amount} a year lie outside its power.",
                amount=kilotonnes(a.outside_city_kt),
            )
        )
    return Chapter(Section("who-decides", "Who decides", tuple(words), tuple(figures)))


def checks(c: ReportContent) -> Chapter:
    """Planned against re-simulated figures, and how the solution was accepted."""
    solve = c.plan.meta["solve"]
    words = [
        say(
            "The solver ended with '{status}'; our own check found no rule broken by more than {residual} (relative) "
            "and a gap between price and cost of {gap}. Only such a solution is called a plan.",
            status=str(solve["status"]),
            residual=number(float(solve["residual"]), 2),
            gap=number(float(solve["gap"]), 2),
        ),
    ]
    if c.checks is None:
        return Chapter(Section("checks", "Checks", (*words, "Independent re-simulation: not computed in this run.")))
    if not c.checks:
        return Chapter(Section("checks", "Checks", (*words, "No system has an independent re-simulation yet.")))
    bad = [k for k in c.checks if not k.holds]
    words.append(
        together(
            "Each system is simulated again in full detail by code that knows nothing of the optimiser.",
            say(
                "{some} of {every} checks do not hold: {list}.",
                some=len(bad),
                every=len(c.checks),
                list=listed([k.what for k in bad]),
            )
            if bad
            else "Every check holds.",
        )
    )
    rows = [
        {
            "system": names.system(k.system),
            "what": k.what,
            "planned": k.planned,
            "re-simulated": k.simulated,
            "unit": k.unit,
            "gap": percent(k.gap),
            "allowed": percent(k.tolerance),
            "holds": k.holds,
        }
        for k in c.checks
    ]
    frame, verified = pd.DataFrame(rows), ("verification of each system",)
    figures = [table("checks", "Planned and re-simulated", frame, "as stated in each row", verified)]
    if bad:
        figures.insert(
            0,
            table(
                "checks-broken", "Checks that do not hold", frame[~frame["holds"]], "as stated in each row", verified
            ),
        )
    return Chapter(Section("checks", "Checks", tuple(words), tuple(figures)))


def assumptions(c: ReportContent) -> Chapter:
    """Every parameter with value, range, kind and source; findings; the coverage matrix."""
    d = c.plan.drivers
    facts = int((d["kind"] == "fact").sum())
    words = (
        say(
            "The plan rests on {every} parameters: {facts} are facts with a source, {rest} are assumptions and named "
            "as such. Any of them can be set anew with --set; the steps show where each value comes from.",
            every=len(d),
            facts=facts,
            rest=len(d) - facts,
        ),
    )
    rows = d.assign(system=d.get("system", "")).sort_values(["system", "name"]).to_dict("records")
    shown = pd.DataFrame(
        [
            {
                "system": names.system(str(r["system"])),
                "parameter": r["name"],
                "value": number(float(r["value"]), 4),
                "range": say("{low} to {high}", low=number(float(r["low"]), 4), high=number(float(r["high"]), 4))
                if pd.notna(r["low"])
                else "not known",
                "unit": r["unit"],
                "kind": r["kind"],
                "source": r["source"],
                "steps": str(r["steps"])
                if ";" in str(r["steps"]) or not str(r["steps"]).startswith("default")
                else "default",
            }
            for r in rows
        ]
    )
    figures = (
        table(
            "parameters",
            "Every parameter",
            shown,
            "as stated in each row",
            ("source in each row",),
            "Steps: where the value comes from when it is not the default as such.",
        ),
    )
    return Chapter(
        Section("assumptions", "Assumptions and gaps", words, figures), (_findings(c), _coverage(c), _sources(c))
    )


def _findings(c: ReportContent) -> Section:
    words = tuple(sentence(f) for f in c.findings) or ("The check of the city folder left nothing to say.",)
    return Section("findings", "What the city's data leave open", words)


def _coverage(c: ReportContent) -> Section:
    if c.coverage is None:
        return Section("coverage", "What the figures rest on", (NOT_COMPUTED,))
    frame = c.coverage.copy()
    names_of = {z["zone"]: z["name"] for z in c.plan.meta["city"]["zones"]}
    if frame.index.name:
        frame = frame.reset_index()
    turned = frame.set_index(frame.columns[0]).rename(index=names.system).T.rename_axis("place").reset_index()
    turned["place"] = [names_of.get(p, "whole city" if p == "city" else p) for p in turned["place"]]
    words = (
        "A measured or census, B scaled, derived or allocated, C default or assumed, – absent. Each letter is "
        "the worst figure that the system uses there.",
    )
    return Section(
        "coverage",
        "What the figures rest on",
        words,
        (
            table(
                "coverage",
                "Grade of the data, by system and zone",
                turned,
                "A, B, C or –",
                ("method column of each table",),
            ),
        ),
    )


def _sources(c: ReportContent) -> Section:
    if not c.sources:
        return Section("sources", "Sources", (NOT_COMPUTED,))
    frame = pd.DataFrame([{"id": k, "source": v} for k, v in c.sources.items()])
    return Section(
        "sources",
        "Sources",
        (),
        (table("sources", "Sources of the city's figures", frame, "", ("sources.csv of the city",)),),
    )


GLOSSARY = {
    "Business as adopted": "What happens if laws and the city's own adopted actions are carried out, and nothing else.",
    "No action": "What stands today is replaced like for like when it wears out.",
    "GPC": "Global Protocol for Community-Scale Greenhouse Gas Inventories: how cities count emissions. A "
    "reference such as I.1.1 names one source.",
    "BASIC": "The GPC's usual total: fuels burnt in the city, grid energy it uses, transport inside it, its "
    "waste. BASIC+ adds losses, cross-border trips, industry and land.",
    "kt CO2e": "Thousand tonnes of carbon dioxide, other greenhouse gases counted at what they warm over 100 years.",
    "Scope 1, 2, 3": "Emitted inside the city; by grid energy used in it; outside because of it.",
    "Removals": "Carbon taken out of the air. Posted apart and never mixed into emissions.",
    "Annuity": "A purchase spread over its life in equal yearly payments with interest: what a bill feels like. "
    "Cash is the same purchase in the year it is paid.",
    "Discounted": "Money of later years counted a little less, by the discount rate for each year.",
    "Price of carbon": "What the last tonne costs that the pledge asks for. Not a tax.",
    "Transfer": "Money that moves between parties of the city (a grant, a rent). It changes who pays, not what "
    "all pay.",
    "Wedge": "The part of the difference between two plans that one family of measures brings (Shapley value).",
    "Share of what is possible": "0 % nothing, 100 % all that buildings, roofs, streets or vehicles of the city allow.",
    "Milestone": "A year for which the plan decides. Between milestones values are read as straight lines.",
    "Rule": "A limit for fairness that named people set on a date. It can be left out, and its price is printed.",
    "Cannot tell": "The range of a difference includes zero: it may be a gain or a loss.",
}


def glossary(c: ReportContent) -> Chapter:
    """The words used."""
    frame = pd.DataFrame([{"word": k, "meaning": v} for k, v in GLOSSARY.items()])
    return Chapter(Section("glossary", "Words", (), (table("glossary", "Words used in this report", frame, "", ()),)))
