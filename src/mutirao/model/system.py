"""What a system of the city is to a plan: one folder, one entry point, one declaration."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.parameters import Parameter
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.model.planmodel import PlanModel
from mutirao.model.wedgeproducts import Product


@dataclass(frozen=True)
class Claim:
    """GPC references that a system accounts for; ``carrier`` "" means the whole row."""

    gpc: str
    carrier: str = ""


@dataclass(frozen=True)
class Declaration:
    """What a system brings: assembled into dictionary, parameter tables, claims, report and menus."""

    variables: tuple[Variable, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    measures: Mapping[str, str] = field(default_factory=dict)
    parties: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    uses: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()


class System(ABC):
    """The protocol of a system; most need neither `prepare` nor `refine`."""

    name: str
    declares: Declaration

    def prepare(self, city: City) -> object:
        """Detailed model -> menu of evaluated options or linear response, cached by hash; usually nothing."""
        return None

    @abstractmethod
    def add_to(self, model: PlanModel) -> None:
        """Add variables, rules and terms."""

    def refine(self, plan: Plan) -> bool:
        """Re-evaluate menus at the plan; True when something changed and the plan must be solved again."""
        return False

    @abstractmethod
    def verify(self, plan: Plan, city: City) -> list[Check]:
        """Re-simulate independently, in full detail."""

    @abstractmethod
    def wedges(self, plan: Plan) -> list[Product]:
        """The system's carbon as products of factors, each owned by a measure family."""

    @abstractmethod
    def section(self, plan: Plan, reference: Plan) -> Section:
        """Figures, tables and words for report and web."""


def installed_systems() -> list[System]:
    """Systems found by entry point, users of a carrier before its suppliers."""
    found = [e.load()() for e in sorted(entry_points(group="mutirao.systems"), key=lambda e: e.name)]
    return in_order(found)


def in_order(systems: Sequence[System]) -> list[System]:
    """Sort so that whoever supplies a carrier is added after everyone who uses it. Raises ValueError on a cycle."""
    waiting, done = list(systems), []
    while waiting:
        ready = [
            s
            for s in waiting
            if not any(set(s.declares.supplies) & set(o.declares.uses) for o in waiting if o is not s)
        ]
        if not ready:
            raise ValueError("systems use each other's carriers in a circle: " + ", ".join(s.name for s in waiting))
        done += ready
        waiting = [s for s in waiting if s not in ready]
    return done
