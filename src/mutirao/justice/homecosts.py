"""What a home pays for energy, in the labels of the book: one definition for rules, indicators and pages."""

from mutirao.book import terms as book

#: Kinds of payments that are a home's energy bill (negative: what it is paid for the sun on its roof).
ENERGY = ("energy", "standing_charge", "credit")
#: Rent that rises for works, and what a city pays back of it. Owners' works buy an asset; a tenant's rent does not.
RENT, RELIEF = "rent", "rent_relief"
#: Help from the city to homes, whatever they pay for.
SUPPORT = "support"
VIEWS = ("running", "annuity")
HOMES = book.HOUSEHOLDS
