"""A small client of Mutirão's interface for programs; needs nothing but Python.

    python examples/api_client.py http://127.0.0.1:8000 town
    MUTIRAO_TOKEN=mu_... python examples/api_client.py http://127.0.0.1:8000 town --neutral-by 2045

The first line lists a city's plans and where the emissions of the leading one come from. The second asks for a plan
with another target year, waits for it and says what became of it.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class Refused(Exception):
    """The interface said no; the text is its reason."""


class Interface:
    """The interface at one address, as seen by whoever the token belongs to (by anyone without one)."""

    def __init__(self, address: str, token: str = ""):
        self.address, self.token = address.rstrip("/"), token

    def call(self, path: str, given: dict[str, Any] | None = None, **asked: Any) -> Any:
        """GET ``path``, or POST ``given`` to it. Raises Refused with the reason; waits where there is a queue."""
        query = urlencode({k: v for k, v in asked.items() if v is not None})
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        body = None if given is None else json.dumps(given).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(f"{self.address}/api{path}" + (f"?{query}" if query else ""), body, headers)
        try:
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except HTTPError as error:
            wait = error.headers.get("Retry-After")
            if error.code == 429 and wait:
                time.sleep(int(wait))
                return self.call(path, given, **asked)
            told = json.load(error)
            raise Refused(" ".join([told["reason"], *told["where"]])) from None

    def every(self, path: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list, asked for part by part."""
        offset, count = 0, 1
        while offset < count:
            part = self.call(path, limit=500, offset=offset, **asked)
            yield from part["items"]
            offset, count = offset + 500, part["count"]

    def finished(self, number: int, every: float = 1.0) -> dict[str, Any]:
        """Wait for a run to end."""
        while (run := self.call(f"/runs/{number}"))["state"] in ("queued", "running"):
            print(f"  {run['share']:4.0%}  {run['step'] or run['state']}", file=sys.stderr)
            time.sleep(every)
        return dict(run)


def show(interface: Interface, city: str) -> None:
    """Print a city's plans, and the largest terms of the leading plan's emissions in its last year."""
    plans = list(interface.every("/plans", city=city))
    for plan in plans:
        print(f"plan {plan['id']}: {plan['title']}, by {plan['made_by']} ({plan['state']})")
    done = [plan for plan in plans if plan["state"] == "done"]
    if done:
        number = done[0]["id"]
        year = max(row["period"] for row in interface.every(f"/plans/{number}/measures"))
        told = interface.call(f"/plans/{number}/explain", account="carbon", period=year, limit=5)
        print(f"{told['title']}: {told['total']:.6g} {told['unit']}")
        for line in told["lines"]:
            print(f"  {line['value']:12.6g}  {line['meaning']} [{line['source']}]")


def plan_for(interface: Interface, city: str, year: int) -> int:
    """Ask for a plan that is neutral by a year, wait, and print what became of it; 0 where it was made."""
    run = interface.call("/runs", {"city": city, "title": f"Neutral by {year}", "asked": {"neutrality_year": year}})
    run = interface.finished(run["id"])
    print(f"run {run['id']}: {run['state']}" + "".join(f"\n  {reason}" for reason in run["why"]))
    for number in run["plans"]:
        print(f"plan {number}: {interface.address}/plans/{number}/")
    return 0 if run["state"] == "done" else 1


def main() -> int:
    """Read the command line and do what it asks."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("address", help="where Mutirão is, such as http://127.0.0.1:8000")
    words.add_argument("city", help="the city's word in addresses")
    words.add_argument("--neutral-by", type=int, metavar="YEAR", help="ask for a plan with this target year")
    asked = words.parse_args()
    interface = Interface(asked.address, os.environ.get("MUTIRAO_TOKEN", ""))
    try:
        if asked.neutral_by:
            return plan_for(interface, asked.city, asked.neutral_by)
        show(interface, asked.city)
    except Refused as refused:
        print(f"Refused: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
