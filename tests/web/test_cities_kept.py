"""The rules of the database outlive a test that empties its tables."""

import pytest
from django.db import DatabaseError, transaction

from mutirao.web.cities.models import City, CityVersion


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_rules_hold_outside_one_transaction(time: int) -> None:
    city = City.objects.create(slug=f"place-{time}", name="Place")
    CityVersion.objects.create(city=city, number=1, sha256="0" * 64, folder="none")
    assert CityVersion.objects.count() == 1
    with pytest.raises(DatabaseError, match="kept as written"), transaction.atomic():
        CityVersion.objects.update(note="other")
    with pytest.raises(DatabaseError, match="kept as written"), transaction.atomic():
        CityVersion.objects.all()._raw_delete("default")
