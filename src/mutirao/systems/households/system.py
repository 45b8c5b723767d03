"""The system as plans, dictionary and pages see it."""

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.parameters import package_parameters
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import Declaration, System
from mutirao.model.wedgeproducts import Product
from mutirao.systems.households import decisions, section, verification, wedges
from mutirao.systems.households.dictionary import VARIABLES


class Households(System):
    """What a home pays by tariff and tenure, and money that keeps rents from rising."""

    name = "households"
    declares = Declaration(
        variables=VARIABLES,
        parameters=tuple(package_parameters("mutirao.systems.households", "households")),
        measures={},
        parties=(book.HOUSEHOLDS, book.UTILITY, book.CITY),
        claims=(),
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
