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
from mutirao.systems.other import decisions, section, verification, wedges


class Other(System):
    """Inventory rows that no system claims, and removals."""

    name = "other"
    declares = Declaration(
        variables=(),
        parameters=tuple(package_parameters("mutirao.systems.other", "other")),
        measures={
            **{f"other.{k}": f"{w}, share of what can be avoided" for k, w in decisions.FAMILY_WORDS.items()},
            "other.removals": "removals bought, share of the cap in the pledge",
        },
        parties=(book.CITY, book.BUSINESS, book.UTILITY, book.SUPPLIERS),
        claims=(),
        uses=(),
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
