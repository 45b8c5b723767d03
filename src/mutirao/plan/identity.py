"""The id of a plan: one hash over everything that it is made from."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.city.facts import Facts
from mutirao.ground.tables import ROW
from mutirao.model.planmodel import PlanModel

#: Where a row stands in a table changes nothing.
PLACES = ("file", "row", ROW)


def plan_id(model: PlanModel, notes: Mapping[str, Any], made_with: Mapping[str, Any]) -> str:
    """Sixteen hex digits: equal for equal inputs, another for any other input.

    Hashed are the city with its settings as applied, parameters, horizon and steps of the day, what was noted of
    rules and wishes, the software and its solver (``made_with``), what the systems posted, and the program that is
    solved with its objective: so also shares given, floors and ceilings, and menus that a system has refined.
    A plan's name and title are no inputs.
    """
    digest = hashlib.sha256()
    for field in fields(model.city):
        if field.name != "path":  # the same city in another folder is the same city
            _take(digest, field.name, getattr(model.city, field.name))
    for name, value in (
        ("parameters", model.parameters), ("horizon", model.horizon), ("time", model.time), ("claims", model.claims),
        ("fixed", model.fixed), ("relax", sorted(model.relax)), ("limits", model.limits),
        ("notes", json.dumps(notes, sort_keys=True, default=str)), ("made with", made_with),
    ):  # fmt: skip
        _take(digest, name, value)
    for term in model.terms:
        said = {f.name: getattr(term, f.name) for f in fields(term) if f.name not in ("coefficient", "path")}
        _take(digest, "term", said)
        digest.update(_rounded(term.full_coefficient.values))
    for array in _program(model):
        digest.update(_rounded(array))
    return digest.hexdigest()[:16]


def _take(digest: "hashlib._Hash", name: str, value: Any) -> None:
    digest.update(f"{name}: {_text(value)}\n".encode())


def _text(value: Any) -> str:
    """A value in one way of writing, by its content and not by where it was read."""
    if isinstance(value, Facts):
        value = value.frame
    if isinstance(value, pd.DataFrame):
        return value.drop(columns=[c for c in PLACES if c in value]).to_csv(index=False)
    if isinstance(value, xr.DataArray):
        return f"{value.dims} {_text(value.values)}"
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.tolist()}"
    if is_dataclass(value):
        return _text([(f.name, getattr(value, f.name)) for f in fields(value) if f.compare and f.name not in PLACES])
    if isinstance(value, Mapping):
        return _text(sorted((str(k), _text(v)) for k, v in value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_text(v) for v in value)}]"
    return repr(value)


def _program(model: PlanModel) -> Iterator[np.ndarray]:
    """Bounds, rows and objective of the program, as the solver gets them."""
    handed = model.lp.matrices
    yield from (handed.lb, handed.ub, handed.c, handed.b, np.frombuffer("".join(handed.sense).encode(), np.uint8))
    if handed.A is not None:
        rows = handed.A.tocsr()
        yield from (rows.indptr, rows.indices, rows.data)


def _rounded(array: np.ndarray) -> bytes:
    """Seven digits, zero without sign: the last digits of a sum may differ from machine to machine.

    What differs by less in the inputs differs in their own text above.
    """
    whole = array.dtype.kind in "iu"
    return np.ascontiguousarray(array if whole else array + 0.0).astype("<i8" if whole else "<f4").tobytes()
