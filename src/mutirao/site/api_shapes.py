"""What the interface for programs takes and gives: one shape for each thing, with its units."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from django.db.models import QuerySet
from ninja import Field, Path, Schema
from pydantic import ConfigDict, create_model

from mutirao.site.api_access import Refusal

#: Numbers of rows as databases count them; labels as long as any of the book's.
LARGEST = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST)]
SLUG = r"^[-a-zA-Z0-9_]{1,60}$"
Slug = Annotated[str, Path(pattern=SLUG, max_length=60)]
Label = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
Bundle = Literal["no_action", "adopted", "least_cost", "rules"]
Account = Literal["carbon", "money", "energy", "benefit", "welfare"]
Year = Annotated[int, Field(ge=1900, le=2200)]

Item = TypeVar("Item")


class Part(Schema):
    """Which part of a list: so many, from there on."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


def part_of(found: "QuerySet[Any]", part: Part, made: Callable[[Any], Item]) -> dict[str, Any]:
    """One part of a list, each row made into its shape, with the length of the whole."""
    return {"count": found.count(), "items": [made(row) for row in found[part.offset : part.offset + part.limit]]}


def many(item: type[Schema]) -> Any:
    """The shape of one part of a list."""
    name = item.__name__.removesuffix("Out").removesuffix("Row")
    return create_model(f"{name}List", __base__=Schema, count=(int, ...), items=(list[item], ...))  # type: ignore[valid-type]


def answers(given: Any, *refusals: int, status: int = 200) -> dict[int, Any]:
    """What an address may answer: what it gives, and the refusals that it may come to."""
    return {status: given, **dict.fromkeys(sorted({401, 422, 429, *refusals}), Refusal)}


class CityOut(Schema):
    slug: str
    name: str
    public: bool
    demonstration: bool
    version: int | None = Field(description="The newest version one may plan with; null where there is none.")


class VersionOut(Schema):
    number: int
    at: datetime
    note: str
    sha256: str
    state: str
    public: bool


class PlanOut(Schema):
    id: int
    city: str
    version: int
    kind: str
    title: str
    reason: str
    made_by: str
    organisation: str | None
    made_at: datetime
    public: bool
    leading: bool
    run: int
    state: str = Field(description="State of its run: queued, running, done, failed or cancelled.")


class BookRow(Schema):
    account: str
    system: str
    measure: str
    kind: str
    boundary: str
    gpc: str
    carrier: str
    payer: str
    receiver: str
    basis: str
    period: int
    zone: str
    group: str
    tenure: str
    value: float
    unit: str
    source: str


class MeasureRow(Schema):
    measure: str
    period: int
    amount: float | None
    potential: float | None
    share: float | None
    unit: str
    meaning: str
    power: str = Field(description="Who can decide it.")


class InputOut(Schema):
    name: str
    value: float
    power: int = Field(description="1: multiplied with; -1: divided by.")
    unit: str
    source: str
    steps: str


class LineOut(Schema):
    meaning: str
    labels: str
    quantity: float
    quantity_unit: str
    decision: str
    inputs: list[InputOut]
    value: float
    unit: str
    source: str


class ExplanationOut(Schema):
    title: str
    total: float
    unit: str
    lines: list[LineOut] = Field(description="Largest first; they sum to the total.")


class ObjectionOut(Schema):
    id: int
    parameter: str
    value: float | None
    before: float | None
    unit: str
    reason: str
    author: str
    organisation: str | None
    answer: int | None = Field(description="The plan that follows from the objection, where one sees it.")
    at: datetime


class OrganisationOut(Schema):
    id: int
    kind: str
    name: str
    city: str | None
    speaks_for: str
    decides_how: str
    fictional: bool


class ProgressOut(Schema):
    measure: str
    owner: str
    status: str | None = Field(description="waiting, preparing, underway, done or stuck; null where none was reported.")
    year: int | None
    share: float | None
    source: str
    note: str
    by: str
    at: datetime | None


class RunIn(Schema):
    """What is asked: the city, its version (the newest one if left out), and the question."""

    model_config = ConfigDict(extra="forbid")

    city: str = Field(pattern=SLUG, max_length=60)
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    kind: Literal["plan", "frontier"] = "plan"
    title: str = Field(min_length=1, max_length=120, pattern=r"^[^\x00]*\S[^\x00]*$")
    reason: str = Field("", max_length=2_000, pattern=r"^[^\x00]*$")
    asked: dict[str, Any] = Field(
        default_factory=dict,
        description="The question, as docs/api.md lists its parts; an empty one plans by the city's own settings.",
    )


class RunOut(Schema):
    id: int
    kind: str
    city: str
    version: int
    state: str
    share: float
    step: str
    ahead: int = Field(description="Runs that are done before this one begins.")
    why: list[str] = Field(description="Why it failed, in sentences.")
    plans: list[int] = Field(description="Plans that one sees which show this run.")
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None


def rows_of(table: Any) -> Iterable[dict[str, Any]]:
    """Rows of a table as data; what is no number becomes null."""
    for row in table.to_dict("records"):
        yield {str(k): None if isinstance(v, float) and v != v else v for k, v in row.items()}
