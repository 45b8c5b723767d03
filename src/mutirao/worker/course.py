"""How far a job is, told honestly: known steps with the time each took when measured, never going back."""

import json
from collections.abc import Sequence
from typing import TextIO

from mutirao.ground.speech import SOURCE, again, in_language

Steps = Sequence[tuple[str, float]]

#: Steps of a plan and the seconds each took for a city of twenty zones; only their proportions count.
BEFORE_RULES: Steps = (
    ("reading the city", 1), ("no action", 4), ("business as adopted", 4), ("least cost", 5),
    ("the plan under the rules", 6), ("refining what was linearised", 6), ("which promises collide", 6),
)  # fmt: skip
A_RULE, CHECKS, ACTIONS = 6, ("independent checks", 3), ("the city's own actions", 12)
HEADWINDS: Steps = (
    ("calm weather", 14), ("state money ends", 20), ("the grid stalls", 12), ("a law fails", 14), ("costs + 30 %", 12),
    ("two years lost", 8),
)  # fmt: skip
WRITING, A_PAGE = ("writing the report", 25), 3


def plan_steps(rules: int, headwinds: bool, pages: int) -> Steps:
    """The steps of a plan with so many rules in force and pages in so many languages."""
    return (
        *BEFORE_RULES,
        *((f"what the rule {n}", A_RULE) for n in range(rules)),
        CHECKS,
        ACTIONS,
        *(HEADWINDS if headwinds else ()),
        WRITING,
        *((f"writing the pages {n}", A_PAGE) for n in range(pages)),
    )


class Course:
    """Prints a line of JSON for each step: share (0..1), step (English), steps (by language).

    A step is known by how its words begin; one that is not known, or comes again, moves nothing.
    """

    def __init__(self, steps: Steps, languages: Sequence[str], out: TextIO):
        self._steps, self._languages, self._out = list(steps), [c for c in languages if c != SOURCE], out
        self._at, self._total = 0, sum(s for _, s in steps) or 1.0
        self.share = 0.0

    def __call__(self, step: str) -> None:
        for i in range(self._at, len(self._steps)):
            if step.startswith(self._steps[i][0].rstrip("0123456789 ")):
                self.share = sum(seconds for _, seconds in self._steps[:i]) / self._total
                self._at = i + 1
                break
        self._print(step)

    def part(self, step: str, done: int, every: int) -> None:
        """A step of many equal ones."""
        self.share = max(self.share, min(1.0, done / max(1, every)))
        self._print(step)

    def _print(self, step: str) -> None:
        said = {}
        for code in self._languages:
            with in_language(code):
                said[code] = again(step)
        line = {"share": round(self.share, 4), "step": step, "steps": said}
        print(json.dumps(line, ensure_ascii=False), file=self._out, flush=True)
