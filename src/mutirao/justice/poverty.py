"""Energy-poverty indicators of home cells, each with its threshold, what income and what spend it rests on.

The formulas are in `mutirao.justice.burdens` and `mutirao.justice.deprivation`; here is which figures each needs, and
one table for any cut of a city. Nothing is filled in: an indicator whose figures are not known for every home of a
line says what is missing. To compare plans, medians and the poverty line are those of the base year (`freeze`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, joined, say, word
from mutirao.justice import burdens as b
from mutirao.justice import deprivation as d
from mutirao.justice.withincell import STRATA

LABELS = {"zone": "CITY", "group": "ALL", "tenure": "ALL"}
"""Labels of home cells and the word that stands for all of each."""
COLUMNS = ("indicator", "name", "threshold", "income_basis", "spend_basis", *LABELS, "value", "unit", "homes", "status")
ASKED = ("homes", "income", "energy")
WORDS: Mapping[str, str] = {
    "income": "income",
    "energy": "what homes spend on energy",
    "required": "what homes would need to spend to be warm and lit",
    "housing_cost": "what homes pay for housing",
    "people_per_home": "people per home",
    "cooling_access": "homes that can be cooled",
    "over_65": "people over 65",
    "homes_inefficient": "homes rated inefficient (band D or worse)",
    "arrears": "homes behind with energy bills",
    "cannot_keep_warm": "homes that cannot keep warm",
    "cannot_keep_cool": "homes that cannot keep cool in summer",
    "damp_or_rot": "homes with damp or rot",
    "heat_island": "how much hotter a zone is",
    "tree_canopy": "tree canopy",
    "cooling_cost": "what cooling a home would cost",
    "degree_hours": "degree-hours above comfort in homes that are not cooled",
    "green_300m": "homes with green within 300 m",
}
"""The columns of home cells in plain words; the last three are optional columns that few cities know."""

SPENT, NEEDED = "E, what homes spend on energy", "R, what homes would need to spend (modelled)"
INCOME = word("income of a home, {basis}")
AFTER = word("income after housing cost and needed energy, per equivalent adult, {basis}")
NONE = "none"

_Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Frozen:
    """Medians and the poverty line against which homes are counted; NaN where they cannot be known.

    burden_median : share of income. spend_median, required_median : CUR a year per equivalent adult.
    income_median : after housing cost, CUR a year per equivalent adult; line : `burdens.POVERTY_SHARE` of it.
    year : the year they belong to when held fixed; None when they are those of the very homes that are counted.
    """

    burden_median: float
    spend_median: float
    required_median: float
    income_median: float
    line: float
    year: int | None = None

    @property
    def words(self) -> str:
        """Whether the medians are held fixed."""
        return word("moving with these homes") if self.year is None else say("frozen at {year}", year=self.year)


@dataclass(frozen=True)
class Indicator:
    """One indicator: code, plain words, exact definition, source, and the figures it needs.

    form : "mean" over homes, "ratio" (of totals, over income) or "sum". needs : columns of home cells. medians : the
    fields of `Frozen` it is counted against. threshold : in words, given `Frozen`. by_cell : the value of a home by
    cell, given columns, `Frozen` and the spread within cells. unit : "CUR" stands for the city's currency.
    """

    code: str
    name: str
    definition: str
    source: str
    needs: tuple[str, ...]
    by_cell: Callable[[_Arrays, Frozen, float], np.ndarray]
    threshold: Callable[[Frozen], str]
    income_basis: str = INCOME
    spend_basis: str = SPENT
    unit: str = "share of homes"
    form: str = "mean"
    medians: tuple[str, ...] = ()


def freeze(cells: pd.DataFrame, spread: float, year: int | None = None) -> Frozen:
    """Medians and the poverty line of all homes of a table of cells, to hold a plan against.

    cells : home cells of the whole city. spread : of burdens within a cell, as in `indicators`. year : the year of the
    cells; None makes medians that are said to move. What needs a figure that is not known for all homes is NaN.
    """
    h = _arrays(check_cells(cells))
    adults = b.equivalence(h["people_per_home"])
    burdens = b.burden(h["energy"], h["income"], b.WORST)
    income = b.weighted_median((h["income"] - h["housing_cost"]) / adults, h["homes"])
    return Frozen(
        burden_median=b.weighted_median(burdens, h["homes"], spread),
        spend_median=b.weighted_median(h["energy"] / adults, h["homes"], spread),
        required_median=b.weighted_median(h["required"] / adults, h["homes"], spread),
        income_median=income,
        line=b.POVERTY_SHARE * income,
        year=year,
    )


def indicators(
    cells: pd.DataFrame, spread: float, frozen: Frozen | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Every indicator of `INDICATORS` for the city or by zone, group, tenure: columns `COLUMNS`.

    cells : home cells, one row per zone, group and tenure; money in CUR per home and year, shares 0..1, NaN not known;
    columns that are absent are not known. ``attrs`` may name "income_basis" (such as "before tax"), "currency" and
    "file". spread : of the logarithm of burdens inside a cell; 0 takes every home as its cell's mean. frozen : medians
    and poverty line to count against (`freeze`); None takes those of these cells, which then move with them. by : any
    of zone, group, tenure; () is one line for all homes.

    ``value`` is NaN where ``status`` is not empty; then it begins with "not estimated". ``homes`` counts the homes of
    the line. ``attrs["assumptions"]`` says in sentences what is assumed. Raises InputError for negative income or
    homes and for missing columns; ValueError for a ``by`` that is no label or a negative spread.
    """
    wrong = [name for name in by if name not in LABELS]
    if wrong or spread < 0.0:
        raise ValueError(f"by takes {', '.join(LABELS)}, not {wrong}; spread is not negative ({spread})")
    known = check_cells(cells)
    line = freeze(cells, spread) if frozen is None else frozen
    h = _arrays(known)
    codes, slices = _slices(known, by)
    homes = np.bincount(codes, h["homes"], minlength=len(slices))
    lost = {c: np.bincount(codes, h["homes"] * np.isnan(h[c]), minlength=len(slices)) for c in WORDS}
    basis = str(cells.attrs.get("income_basis", word("as stated, before tax unless it says otherwise")))
    parts = []
    for one in INDICATORS:
        value, status = _valued(one, h, line, spread, codes, len(slices), homes, lost)
        if one.code == "HVI" and not by and status == [""]:
            why = word("not estimated: risk against the city's mean; ask by zone or group")
            value, status = np.array([np.nan]), [why]
        fixed = {"indicator": one.code, "name": one.name, "threshold": one.threshold(line),
                 "income_basis": say(one.income_basis, basis=basis), "spend_basis": one.spend_basis,
                 "unit": _unit(one.unit, str(cells.attrs.get("currency", "CUR")))}  # fmt: skip
        parts.append(slices.assign(**fixed, value=value, homes=homes, status=status))
    out = pd.concat(parts, ignore_index=True)[list(COLUMNS)]
    out.attrs["assumptions"] = assumptions(out, line, spread)
    return out


def assumptions(table: pd.DataFrame, frozen: Frozen, spread: float) -> tuple[str, ...]:
    """What the estimated lines of a table of indicators assume, in sentences."""
    done = set(table.loc[table["status"] == "", "indicator"])
    said = []
    if spread > 0.0:
        said.append(say(
            "Homes of one zone, income group and tenure differ: their burdens are taken as lognormal around the mean "
            "of these homes, with a spread of {spread} in the logarithm (assumption).", spread=digits(spread, "g"),
        ))  # fmt: skip
        if done & {"gap6", "gap10", "FGT1", "FGT2"}:
            said.append(say(
                "Gaps and depths are reckoned on {strata} equal parts of such homes, as in the plan's rules: where "
                "only the few highest burdens are above the threshold, they come out a little low.", strata=STRATA,
            ))  # fmt: skip
    if done & {"2M", "M/2", "LIHC"}:
        said.append(say("Medians are over all homes and {fixed}.", fixed=frozen.words))
    if done & {"M/2", "HEP", "LIHC", "LILEE"}:
        said.append(say("Per equivalent adult (OECD-modified scale): {scale}.", scale=b.EQUIVALENCE))
    if done & {"TPR", "HEP", "LIHC", "LILEE"}:
        said.append(word("What homes need to spend is modelled, not measured: no home was audited."))
    if "MEPI" in done:
        said.append(say("For the multidimensional index {taken}.", taken=d.INDEPENDENT))
    return tuple(said)


def check_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Home cells with every column there is, NaN where it was absent; cells without homes are left out.

    Raises InputError for missing labels, homes, income or energy, homes that are negative or not known, and negative
    incomes.
    """
    file = str(cells.attrs.get("file", "people.csv"))
    absent = [name for name in (*LABELS, *ASKED) if name not in cells]
    if absent:
        mend = word("Home cells need zone, group, tenure, homes, income and energy.")
        raise InputError(Finding(file, None, absent[0], word("the column is missing."), mend))
    findings = []
    for row in cells[(cells["income"] < 0.0) | ~(cells["homes"] >= 0.0)].head(20).to_dict("records"):
        place = say("zone {zone}, group {group}, {tenure}", zone=row["zone"], group=row["group"], tenure=row["tenure"])
        if row["income"] < 0.0:
            what = say("the income of {place} is {income}: a mean income is not negative.", place=place,
                       income=f"{row['income']:,.0f}")  # fmt: skip
            mend = word("Correct it, or leave it blank where it is not known.")
            findings.append(Finding(file, None, "income", what, mend))
        if not row["homes"] >= 0.0:
            what = say("the number of homes of {place} is {homes}.", place=place, homes=row["homes"])
            mend = word("Give a number of homes, 0 or more.")
            findings.append(Finding(file, None, "homes", what, mend))
    if findings:
        raise InputError(findings)
    extra = {name: np.nan for name in WORDS if name not in cells}
    return cells[cells["homes"] > 0.0].assign(**extra).reset_index(drop=True)


def _arrays(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: cells[name].to_numpy(float) for name in ("homes", *WORDS)}


def _slices(cells: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """The line each cell belongs to and the lines' labels, in the order in which they first appear."""
    if not by:
        return np.zeros(len(cells), dtype=int), pd.DataFrame([LABELS])
    keys = cells[list(by)].astype(str)
    grouped = keys.groupby(list(by), sort=False)
    labels = keys.drop_duplicates(ignore_index=True)
    return grouped.ngroup().to_numpy(), labels.assign(**{k: v for k, v in LABELS.items() if k not in by})


def _valued(
    one: Indicator, h: _Arrays, line: Frozen, spread: float, codes: np.ndarray, count: int, homes: np.ndarray,
    lost: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, list[str]]:  # fmt: skip
    """The indicator of each line and why it has none."""
    why = [_missing(one, n, homes, lost, line) for n in range(count)]
    with np.errstate(invalid="ignore"):
        each = one.by_cell(h, line, spread) if len(codes) else np.zeros(0)
    # A home with an unknown figure leaves its own line without a value, not the others.
    value: np.ndarray = np.bincount(codes, h["homes"] * np.nan_to_num(each), minlength=count).astype(float)
    if one.form != "sum":
        over = h["homes"] * (np.nan_to_num(h["income"]) if one.form == "ratio" else 1.0)
        under = np.bincount(codes, over, minlength=count)
        poor = word("not estimated: these homes have no income")
        why = [w or ("" if under[n] > 0.0 else poor) for n, w in enumerate(why)]
        value = value / np.where(under > 0.0, under, np.nan)
    return np.where([w == "" for w in why], value, np.nan), why


def _missing(one: Indicator, n: int, homes: np.ndarray, lost: Mapping[str, np.ndarray], line: Frozen) -> str:
    if not homes[n] > 0.0:
        return word("not estimated: there are no homes")
    words: list[str] = []
    for column in one.needs:
        if lost[column][n] > 0.0:
            share = lost[column][n] / homes[n]
            part = {"figure": WORDS[column], "share": digits(share, ".0%")}
            words.append(WORDS[column] if share > 0.999 else say("{figure} (for {share} of homes)", **part))
    if words:
        return say("not estimated: {why}", why=say("not known: {figures}", figures=joined(", ", *words)))
    if any(np.isnan(getattr(line, name)) for name in one.medians):
        return word(
            "not estimated: the median over all homes is not known, as figures are missing elsewhere in the city"
        )
    return ""


def _percent(share: float) -> str:
    return say("{share} % of income", share=digits(100.0 * share, ".3g"))


def _unit(unit: str, currency: str) -> str:
    return say("{currency}/year", currency=currency) if unit == "CUR/year" else unit


def _above(share: float) -> str:
    return say("above {level}", level=_percent(share))


def _line(f: Frozen) -> str:
    share = digits(b.POVERTY_SHARE, ".0%")
    if np.isnan(f.line):
        return say("below a line that is not known: {share} of the median, {fixed}", share=share, fixed=f.words)
    return say(
        "below {line} a year left per adult: {share} of the median, {fixed}",
        line=digits(f.line, ",.0f"), share=share, fixed=f.words,
    )  # fmt: skip


def _mepi(h: _Arrays) -> d.Mepi:
    return d.mepi_from_shares(np.stack([h[name] for name in d.DEPRIVATIONS], axis=1), h["homes"])


def _share_of(code: str, column: str, name: str) -> Indicator:
    """A share of homes that a survey asks them for."""
    return Indicator(code, name, "share of homes that say so", "EU-SILC; Energy Poverty Advisory Hub", (column,),
                     lambda h, f, s: h[column], lambda f: "own answer", NONE, NONE)  # fmt: skip


def _adults(h: _Arrays) -> np.ndarray:
    return b.equivalence(h["people_per_home"])


_SPEND = ("energy", "income")
_AHC = ("required", "income", "housing_cost", "people_per_home")
_ACEEE = "Drehobl, Ross and Ayala 2020 (ACEEE)"
_EPOV = "EU Energy Poverty Observatory / Advisory Hub"
_FGT = "Foster, Greer and Thorbecke 1984"


def _gap(level: float) -> Indicator:
    return Indicator(
        f"gap{100 * level:.0f}", say("What homes together spend above {level}", level=_percent(level)),
        "sum w max(0, E - theta Y)", _FGT, _SPEND, lambda h, f, s: b.excess(h["energy"], h["income"], level, s),
        lambda f: _above(level), unit="CUR/year", form="sum",
    )  # fmt: skip


def _depth(alpha: int, name: str) -> Indicator:
    return Indicator(
        f"FGT{alpha}", name,
        f"mean of (max(0, E - theta Y) / theta Y)^{alpha}, burdens at most 100 %", _FGT, _SPEND,
        lambda h, f, s: b.fgt(h["energy"], h["income"], b.HIGH, alpha, s), lambda f: _above(b.HIGH),
        unit="index",
    )  # fmt: skip


INDICATORS: tuple[Indicator, ...] = (
    Indicator("burden_ratio", "Energy burden: all that homes spend over all that they earn", "sum w E / sum w Y",
              "DOE LEAD data dictionary 2022 (official aggregate)", _SPEND, lambda h, f, s: h["energy"],
              lambda f: "none", unit="share of income", form="ratio"),
    Indicator("mean_burden", "Energy burden of a home, mean over homes", "mean of min(E / Y, 100 %)", "arithmetic mean",
              _SPEND, lambda h, f, s: b.mean_burden_of_cell(h["energy"], h["income"], s), lambda f: "none",
              unit="share of income"),
    Indicator("EB6", "Homes that spend more than 6 % of income on energy (high burden)", "share with E / Y > 6 %",
              _ACEEE, _SPEND, lambda h, f, s: b.share_above(h["energy"], h["income"], b.HIGH, s),
              lambda f: _above(b.HIGH)),
    Indicator("EB10", "Homes that spend more than 10 % of income on energy (severe burden)", "share with E / Y > 10 %",
              _ACEEE, _SPEND, lambda h, f, s: b.share_above(h["energy"], h["income"], b.SEVERE, s),
              lambda f: _above(b.SEVERE)),
    Indicator("TPR", "Homes that would need more than 10 % of income to be warm and lit", "share with R / Y > 10 %",
              "Boardman 1991", ("required", "income"),
              lambda h, f, s: b.ten_percent(h["required"], h["income"], s),
              lambda f: _above(b.REQUIRED), spend_basis=NEEDED),
    Indicator("2M", "Homes that spend more than twice the median share of income", "share with E / Y > 2 median",
              _EPOV, _SPEND, lambda h, f, s: b.two_median(h["energy"], h["income"], f.burden_median, s),
              lambda f: say("above {level}: twice the median, {fixed}", level=_percent(2 * f.burden_median),
                            fixed=f.words),
              medians=("burden_median",)),
    Indicator("M/2", "Homes that spend less than half the median (they may go without)",
              "share with E / e < median(E / e) / 2", _EPOV, ("energy", "people_per_home"),
              lambda h, f, s: b.half_median(h["energy"], _adults(h), f.spend_median, s),
              lambda f: say("below {spend} a year per adult: half the median, {fixed}",
                            spend=digits(f.spend_median / 2, ",.0f"), fixed=f.words), NONE,
              SPENT + ", per equivalent adult", medians=("spend_median",)),
    Indicator("HEP", "Hidden poverty: homes that spend less than half of what they need and are poor",
              "share with E < R / 2 and (Y - HC - R) / e < line", "Barrella et al.; Antepara et al. 2020",
              ("energy", *_AHC), lambda h, f, s: b.hidden(h["energy"], h["required"], h["income"], h["housing_cost"],
                                                          _adults(h), f.line, s),
              _line, AFTER, f"{SPENT}; {NEEDED}", medians=("line",)),
    Indicator("LIHC", "Low income and high energy cost", "share with R / e > median(R / e) and (Y - HC - R) / e < line",
              "Hills 2012", _AHC, lambda h, f, s: b.lihc(h["required"], h["income"], h["housing_cost"], _adults(h),
                                                         f.required_median, f.line, s),
              _line, AFTER, NEEDED, medians=("line", "required_median")),
    Indicator("LILEE", "Low income in a home of low energy efficiency",
              "share rated band D or worse and (Y - HC - R) / e < line", "BEIS, England since 2021",
              ("homes_inefficient", *_AHC),
              lambda h, f, s: b.lilee(h["homes_inefficient"], h["required"], h["income"], h["housing_cost"],
                                      _adults(h), f.line, s),
              _line, AFTER, NEEDED, medians=("line",)),
    _gap(b.HIGH),
    _gap(b.SEVERE),
    _depth(1, "Energy poverty at 6 % of income, how deep"),
    _depth(2, "Energy poverty at 6 % of income, how deep, the deepest counting most"),
    Indicator("MEPI", "Multidimensional energy poverty: share of homes poor in several ways times how many ways",
              f"H A, equal weights of {', '.join(d.DEPRIVATIONS)}; poor from k = {d.CUTOFF:g} (assumption)",
              "Alkire and Foster 2011; Nussbaumer, Bazilian and Modi 2012", d.DEPRIVATIONS,
              lambda h, f, s: _mepi(h).by_cell,
              lambda f: say("from {share} of deprivations", share=digits(d.CUTOFF, ".0%")), NONE, NONE, "index"),
    _share_of("arrears", "arrears", "Homes behind with an energy bill"),
    _share_of("cold", "cannot_keep_warm", "Homes that cannot keep warm in winter"),
    _share_of("hot", "cannot_keep_cool", "Homes that cannot keep cool in summer"),
    _share_of("damp", "damp_or_rot", "Homes with damp or rot"),
    Indicator("no_cooling", "Homes without a means to cool", "1 - share with air conditioning or another way to cool",
              "own; first factor of summer poverty", ("cooling_access",),
              lambda h, f, s: d.without_cooling(h["cooling_access"]), lambda f: "no means to cool", NONE, NONE),
    Indicator("summer", "Summer energy poverty: heat that homes without cooling or green bear",
              "share without cooling they can pay x degree-hours above comfort x share without green within 300 m",
              "after Mazzone et al. 2023", ("cooling_access", "cooling_cost", "income", "degree_hours", "green_300m"),
              lambda h, f, s: d.summer_poverty(
                  d.without_cooling(h["cooling_access"], h["cooling_cost"], h["income"], b.HIGH, s),
                  h["degree_hours"], h["green_300m"]),
              lambda f: say("cooling above {level}", level=_percent(b.HIGH)),
              spend_basis="what cooling would cost", unit="K h/year"),
    Indicator("HVI", "Heat vulnerability against the city's mean (0)", "sum of z-scores of temperature, vegetation, "
              "cooling access, age over 65 and income", "after NYC Health HVI; Reid et al. 2009",
              tuple(d.HEAT_FACTORS), lambda h, f, s: d.heat_vulnerability(h, h["homes"])[0],
              lambda f: "above 0: more at risk than the mean home", spend_basis=NONE, unit="sum of z-scores"),
)  # fmt: skip
"""Every indicator in the order in which it is printed."""
