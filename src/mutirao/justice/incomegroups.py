"""What an income group is called: a name that is only its bounds can be said in every language."""

import re

from mutirao.ground.speech import digits, say

#: "below 25,000 USD of 2019 a year", "25,000 to 50,000 USD", "50,000 USD a year and more".
BOUNDS = re.compile(
    r"(?:below (?P<below>\d[\d,]*)|(?P<low>\d[\d,]*) to (?P<high>\d[\d,]*)|(?P<above>\d[\d,]*))"
    r" (?P<currency>[A-Z]{3})(?: of (?P<of>\d{4}))?(?P<yearly> a year)?(?(above) and more)"
)


def group_name(name: str) -> str:
    """The name of an income group so that it can be said again in another language; as it stands where it is more
    than bounds."""
    found = BOUNDS.fullmatch(name)
    return _bounds(**found.groupdict()) if found else name


def short_group(name: str) -> str:
    """The words of an income group without what every group repeats."""
    open_end = " and more" if name.endswith("and more") else ""
    return group_name(name.removesuffix(" a year").removesuffix(" a year and more") + open_end)


def _bounds(currency: str, of: str | None, yearly: str | None, **ends: str | None) -> str:
    money = say("{currency} of {year}", currency=currency, year=int(of)) if of else currency
    said = {k: digits(float(v.replace(",", "")), ",.0f") for k, v in ends.items() if v}
    if "below" in said:
        message = "below {high} {money} a year" if yearly else "below {high} {money}"
        return say(message, high=said["below"], money=money)
    if "above" in said:
        message = "{low} {money} a year and more" if yearly else "{low} {money} and more"
        return say(message, low=said["above"], money=money)
    message = "{low} to {high} {money} a year" if yearly else "{low} to {high} {money}"
    return say(message, low=said["low"], high=said["high"], money=money)
