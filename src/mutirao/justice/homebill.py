"""The yearly energy bill of one home, in its parts: what residents can lay beside their own bill."""

from collections.abc import Mapping
from dataclasses import dataclass

HEATINGS = ("gas", "oil", "electric", "heat_pump", "district")
TENURES = ("owner", "renter")
#: Carrier that each heating is billed in.
CARRIER = {"gas": "gas", "oil": "oil", "electric": "electricity", "heat_pump": "electricity", "district": "district"}


@dataclass(frozen=True)
class Tariff:
    """What energy costs a home: ``fixed`` CUR a year for each connection, ``per_kwh`` CUR/kWh, both by carrier.

    Carriers are electricity, gas, oil, district and petrol; a carrier without a fixed charge is left out of ``fixed``.
    """

    per_kwh: Mapping[str, float]
    fixed: Mapping[str, float]


def bill_of_home(
    size: float,
    heating: str,
    tenure: str,
    tariff: Tariff,
    *,
    heat_per_m2: float,
    power: float,
    efficiency: Mapping[str, float],
    upkeep: Mapping[str, float],
    saved: float = 0.0,
    cars: float = 0.0,
    electric_cars: float = 0.0,
    car_km: float = 0.0,
    petrol_per_km: float = 0.0,
    power_per_km: float = 0.0,
) -> dict[str, float]:
    """Yearly bill of one home, CUR a year, by part.

    size : m2. heating : one of `HEATINGS`. tenure : "owner" or "renter"; owners pay the upkeep of their heating.
    heat_per_m2 : useful heat, kWh/m2 and year, of which works save the share ``saved``. power : kWh a year for light
    and appliances. efficiency : useful heat over what is bought, by heating. upkeep : CUR a year, by heating.
    cars, electric_cars : how many of each, driven ``car_km`` km a year at ``petrol_per_km``, ``power_per_km`` kWh/km.

    The gas connection is paid only while gas heats the home: here, unlike in a plan where heat is shared out, the
    last gas appliance takes the standing charge with it. Returns ``heat``, ``light_and_appliances``,
    ``standing_charges``, ``car_fuel`` and ``upkeep``. Raises ValueError for a heating or tenure that is not known.
    """
    if heating not in HEATINGS:
        raise ValueError(f"heating '{heating}' is none of {', '.join(HEATINGS)}")
    if tenure not in TENURES:
        raise ValueError(f"tenure '{tenure}' is none of {', '.join(TENURES)}")
    carrier = CARRIER[heating]
    bought = size * heat_per_m2 * (1.0 - saved) / efficiency[heating]
    connections = {"electricity", carrier}
    per_car = {"petrol": cars * petrol_per_km, "electricity": electric_cars * power_per_km}
    return {
        "heat": bought * tariff.per_kwh[carrier],
        "light_and_appliances": power * tariff.per_kwh["electricity"],
        "standing_charges": sum(tariff.fixed.get(c, 0.0) for c in sorted(connections)),
        "car_fuel": sum(kwh * car_km * tariff.per_kwh[c] for c, kwh in per_car.items() if kwh),
        "upkeep": upkeep.get(heating, 0.0) if tenure == "owner" else 0.0,
    }
