"""The system as plans, dictionary and pages see it."""

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.parameters import package_parameters
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import Declaration, System
from mutirao.model.wedgeproducts import Product
from mutirao.systems.buildings import decisions, section, verification, wedges


class Buildings(System):
    """Homes and commerce: what they need, and works that lower it."""

    name = "buildings"
    declares = Declaration(
        variables=(
            Variable(
                "population",
                "people.csv",
                "people",
                "People who live there.",
                "zone",
                required=True,
                system="buildings",
            ),
            Variable(
                "households",
                "people.csv",
                "households",
                "Occupied homes.",
                "zone group",
                required=True,
                system="buildings",
            ),
            Variable(
                "households_owner",
                "people.csv",
                "households",
                "Homes lived in by their owner.",
                "zone",
                default="every home is treated as lived in by its owner",
                system="buildings",
            ),
            Variable(
                "households_renter",
                "people.csv",
                "households",
                "Rented homes.",
                "zone",
                default="every home is treated as lived in by its owner",
                system="buildings",
            ),
            Variable(
                "household_income",
                "people.csv",
                "CUR/year",
                "Mean yearly income of a household.",
                "zone group",
                default="bills are shown in money only, not as a share of income",
                system="buildings",
            ),
            Variable(
                "dwelling_floor_area",
                "buildings.csv",
                "m2",
                "Mean floor area of a dwelling.",
                "zone",
                minimum=10,
                maximum=500,
                default="parameter dwelling_floor_area",
                system="buildings",
            ),
            *(
                Variable(
                    f"temperature_m{m:02d}",
                    "climate.csv",
                    "degC",
                    f"Mean air temperature of month {m}.",
                    "",
                    minimum=-50,
                    maximum=50,
                    required=True,
                    system="buildings",
                )
                for m in range(1, 13)
            ),
        ),
        parameters=tuple(package_parameters("mutirao.systems.buildings", "buildings")),
        measures={
            "buildings.light_retrofit": "homes given a light retrofit (draughts, loft, controls), "
            "share of the homes that can have one",
            "buildings.deep_retrofit": "homes given a deep retrofit (walls, roof, windows, ventilation), "
            "share of the homes that can have one",
            "buildings.commercial_retrofit": "commercial buildings treated, share of the heat need that can be treated",
        },
        parties=(book.HOUSEHOLDS, book.LANDLORDS, book.BUSINESS, book.STATE, book.SUPPLIERS, book.LENDERS),
        claims=(),
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
