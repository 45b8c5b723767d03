"""What a city may bring about its homes and the people in them."""

from mutirao.city.variables import Variable

SHARES = {
    "cooling_access": "Share of homes with air conditioning or another way to cool them.",
    "arrears": "Share of homes behind with an energy bill.",
    "cannot_keep_warm": "Share of homes that cannot be kept warm enough.",
    "cannot_keep_cool": "Share of homes that cannot be kept cool enough in summer.",
    "damp_or_rot": "Share of homes with a leaking roof, damp or rot.",
}
SHOWN = "the figure is left out where pages would show it"
KINDS = {
    "homes_house": "Homes in a building of their own.",
    "homes_small_building": "Homes in a building of two to four homes.",
    "homes_large_building": "Homes in a building of five homes or more.",
    "homes_gas": "Homes heated with gas.",
    "homes_oil": "Homes heated with oil.",
    "homes_electric": "Homes heated with electricity.",
    "homes_district": "Homes heated from a heat network.",
    "homes_other_heating": "Homes heated with anything else, or not at all.",
}

VARIABLES = (
    Variable("housing_cost", "people.csv", "CUR/year", "Mean yearly cost of housing of a home, without energy.",
             "zone group", default="indicators after housing cost are left out", system="households"),
    Variable("rent", "people.csv", "CUR/year", "Mean yearly rent of a rented home.", "zone",
             default="rent rises are shown in money only, not as a share of the rent", system="households"),
    Variable("people_per_home", "people.csv", "people", "Mean number of people who live in a home.", "zone group",
             minimum=0.5, maximum=15.0, default="population over households of the zone", system="households"),
    Variable("over_65", "people.csv", "share", "Share of people of 65 years and older.", "zone", maximum=1.0,
             default=SHOWN, system="households"),
    *(
        Variable(name, "people.csv", "share", words, "zone group", maximum=1.0,
                 default="parameter cooling_access" if name == "cooling_access" else SHOWN, system="households")
        for name, words in SHARES.items()
    ),
    Variable("homes_inefficient", "buildings.csv", "share", "Share of homes in the worst classes of energy "
             "performance (in England: band D or worse).", "zone group", maximum=1.0, default=SHOWN,
             system="households"),
    *(
        Variable(name, "buildings.csv", "households", words, "zone", default="homes are not told apart by it",
                 system="households")
        for name, words in KINDS.items()
    ),
    Variable("home_energy_spend", "energy.csv", "CUR/year", "Mean yearly spend of a home on energy, without cars.",
             "zone group", default="need follows floor area, and income as in the parameters home_energy_quintile_1 "
             "to 5", system="households"),
    Variable("tree_canopy", "land.csv", "share", "Share of land under trees.", "zone", maximum=1.0, default=SHOWN,
             system="households"),
    Variable("heat_island", "climate.csv", "degC", "How much warmer a summer afternoon is than the city's mean.",
             "zone", minimum=-10.0, maximum=20.0, default=SHOWN, system="households"),
)  # fmt: skip
