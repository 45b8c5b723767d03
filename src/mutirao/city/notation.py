"""Notation keys: what a cell of an inventory says where it has no number, or beside one.

GPC keys: NO not occurring, IE included elsewhere, NE not estimated, C confidential. A key is not a
zero, and neither is a blank.
"""

import re
from typing import NamedTuple

from mutirao.city.gpc import ORDER, reference
from mutirao.ground.findings import told

KEYS = {"NO": "not occurring", "IE": "included elsewhere", "NE": "not estimated", "C": "confidential"}

_WORDS = {meaning.replace(" ", ""): key for key, meaning in KEYS.items()}
_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")


class Notation(NamedTuple):
    """Keys in the order given without repetition, the references pointed to, and words in brackets."""

    keys: tuple[str, ...] = ()
    pointer: str = ""
    remark: str = ""


def parse_notation(text: str) -> Notation:
    """Read a notation cell: "NO", "NO; IE", "NE; NE", "IE (II.1.1)", "IE (I.1.1, I.2.1)", "Not occurring".

    The pointer lists references in GPC order, separated by "; ". Words in brackets that are no
    reference come back as the remark, for the explanation. Raises ValueError for an unknown key,
    including "NA", which files use for both NO and NE.
    """
    refs: list[str] = []
    remarks: list[str] = []
    for match in _BRACKET.finditer(text):
        inside = (match[1] or match[2] or "").strip()
        try:
            refs += [reference(part).ref for part in re.split(r"[;,&]|\band\b", inside) if part.strip()]
        except ValueError:
            remarks.append(inside)
    keys: list[str] = []
    for part in re.split(r"[;,/+&]|\band\b", _BRACKET.sub(" ", text)):
        given = " ".join(part.split())
        if not given:
            continue
        key = _WORDS.get(given.lower().replace(" ", "").replace("-", ""), given.upper())
        if key in ("NA", "N/A"):
            raise ValueError(
                told("'{cell}' is not a GPC notation key: write NO if it does not occur, NE if unknown", cell=given)
            )
        if key not in KEYS:
            raise ValueError(told("'{cell}' is not a notation key; known: {names}", cell=given, names=", ".join(KEYS)))
        if key not in keys:
            keys.append(key)
    pointer = "; ".join(sorted(set(refs), key=ORDER.__getitem__))
    return Notation(tuple(keys), pointer, "; ".join(remarks))


def parse_pointer(text: str) -> str:
    """Read a cell of references ("II.1.1; I.2.1") into the same form as :class:`Notation` has.

    Raises ValueError for an unknown reference.
    """
    refs = {reference(part).ref for part in re.split(r"[;,]", text) if part.strip()}
    return "; ".join(sorted(refs, key=ORDER.__getitem__))


def format_notation(keys: tuple[str, ...], pointer: str = "") -> str:
    """Write keys and pointer as one cell, the inverse of :func:`parse_notation`: "IE (II.1.1)"."""
    text = "; ".join(keys)
    return f"{text} ({pointer.replace('; ', ', ')})".strip() if pointer else text
