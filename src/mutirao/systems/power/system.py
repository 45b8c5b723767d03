"""The system as plans, dictionary and pages see it."""

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.parameters import package_parameters
from mutirao.model.baseyear import GRID_REFERENCES
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import Claim, Declaration, System
from mutirao.model.wedgeproducts import Product
from mutirao.systems.power import decisions, section, verification, wedges


class Power(System):
    """The grid path, rooftop sun and batteries; every use of electricity is billed and counted here."""

    name = "power"
    declares = Declaration(
        variables=(
            Variable(
                "grid_emission_factor",
                "energy.csv",
                "kg CO2e/MWh",
                "Emissions of grid electricity; the years after the base year are the path "
                "the grid is expected to take.",
                "",
                minimum=0,
                maximum=2000,
                required=True,
                yearly=True,
                system="power",
            ),
            Variable(
                "electricity_price_residential",
                "energy.csv",
                "CUR/kWh",
                "Price of electricity for homes.",
                "",
                yearly=True,
                default="parameter electricity_price_residential",
                system="power",
            ),
            Variable(
                "electricity_price_commercial",
                "energy.csv",
                "CUR/kWh",
                "Price of electricity for commerce.",
                "",
                yearly=True,
                default="parameter electricity_price_commercial",
                system="power",
            ),
            *(
                Variable(
                    f"irradiation_m{m:02d}",
                    "climate.csv",
                    "kWh/m2",
                    f"Sun on a horizontal square metre in month {m}.",
                    "",
                    maximum=400,
                    required=True,
                    system="power",
                )
                for m in range(1, 13)
            ),
        ),
        parameters=tuple(package_parameters("mutirao.systems.power", "power")),
        measures={
            "power.rooftop_pv": "rooftop PV on homes, share of the roofs",
            "power.battery": "batteries in the grid, share of a quarter of a day's electricity",
        },
        parties=(book.HOUSEHOLDS, book.LANDLORDS, book.UTILITY, book.STATE, book.SUPPLIERS, book.LENDERS),
        claims=tuple(Claim(gpc, carrier) for gpc in GRID_REFERENCES for carrier in ("", "electricity")),
        uses=(),
        supplies=("electricity",),
    )

    def add_to(self, model: PlanModel) -> None:
        decisions.add(model)

    def verify(self, plan: Plan, city: City) -> list[Check]:
        return verification.verify(plan, city)

    def wedges(self, plan: Plan) -> list[Product]:
        return wedges.products(plan)

    def section(self, plan: Plan, reference: Plan) -> Section:
        return section.section(plan, reference)
