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
from mutirao.systems.mobility import decisions, section, verification, wedges


class Mobility(System):
    """Cars of residents and visitors, heavy vehicles, and the ways to drive less."""

    name = "mobility"
    declares = Declaration(
        variables=(
            Variable(
                "vehicles",
                "transport.csv",
                "vehicles",
                "Cars and vans that households have.",
                "zone",
                default="shared out by homes and income",
                system="mobility",
            ),
        ),
        parameters=tuple(package_parameters("mutirao.systems.mobility", "mobility")),
        measures={
            "mobility.electric_cars": "distance driven by electric cars, share of the distance by car",
            "mobility.electric_heavy_vehicles": "distance driven by electric lorries, vans and buses, share of theirs",
            "mobility.transit": "better public transport, share of the full programme",
            "mobility.walking_cycling": "streets for walking and cycling, share of the full programme",
        },
        parties=(book.HOUSEHOLDS, book.VISITORS, book.BUSINESS, book.CITY, book.STATE, book.SUPPLIERS, book.LENDERS),
        claims=(Claim("II.1.1"), Claim("II.1.1", "road_fuel")),
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
