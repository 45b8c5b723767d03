"""The system as plans, dictionary and pages see it."""

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.parameters import package_parameters
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import Claim, Declaration, System
from mutirao.model.wedgeproducts import Product
from mutirao.systems.heat import decisions, section, verification, wedges


class Heat(System):
    """Who is heated by what: boilers, heat pumps, district heat with plants and a store."""

    name = "heat"
    declares = Declaration(
        variables=(
            Variable(
                "land_area",
                "land.csv",
                "km2",
                "Land area; with homes it gives the heat density that decides trench cost.",
                "zone",
                default="district heat stays closed",
                system="heat",
            ),
            Variable(
                "gas_price_residential",
                "energy.csv",
                "CUR/kWh",
                "Price of gas for homes, per kWh of gross heating value.",
                "",
                yearly=True,
                default="parameter gas_price_residential",
                system="heat",
            ),
            Variable(
                "gas_price_commercial",
                "energy.csv",
                "CUR/kWh",
                "Price of gas for commerce.",
                "",
                yearly=True,
                default="parameter gas_price_commercial",
                system="heat",
            ),
            Variable(
                "oil_price_residential",
                "energy.csv",
                "CUR/kWh",
                "Price of heating oil for homes.",
                "",
                yearly=True,
                default="parameter oil_price_residential",
                system="heat",
            ),
        ),
        parameters=tuple(package_parameters("mutirao.systems.heat", "heat")),
        measures={
            "heat.heat_pumps": "heat of homes from heat pumps, share of today's heat need",
            "heat.district_heat": "heat of homes from district heat, share of the heat that networks may reach",
            "heat.commercial_heat_pumps": "heat of commerce from heat pumps, share of today's heat need",
        },
        parties=(
            book.HOUSEHOLDS,
            book.LANDLORDS,
            book.BUSINESS,
            book.UTILITY,
            book.STATE,
            book.SUPPLIERS,
            book.LENDERS,
        ),
        claims=tuple(
            Claim(gpc, carrier) for gpc in ("I.1.1", "I.2.1") for carrier in ("", "natural_gas", "heating_oil")
        ),
        uses=("electricity",),
        supplies=(),
    )

    def add_to(self, model: PlanModel) -> None:
        decisions.add(model)

    def verify(self, plan: Plan, city: City) -> list[Check]:
        return verification.verify(plan, city)

    def wedges(self, plan: Plan) -> list[Product]:
        return wedges.products(plan)

    def section(self, plan: Plan, reference: Plan) -> Section:
        return section.section(plan, reference)
