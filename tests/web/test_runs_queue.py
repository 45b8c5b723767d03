"""The queue of runs: equal questions once, a limit each, claims, void tokens, ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mutirao.ground.findings import InputError
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import Reminder, User
from mutirao.web.plans.models import Plan
from mutirao.web.runs import inputs
from mutirao.web.runs.inputs import inputs_hash
from mutirao.web.runs.models import Run
from mutirao.web.runs.queue import (
    Lost,
    Refused,
    TooMany,
    ask,
    cancel,
    claim,
    fail,
    finish,
    is_held,
    reap,
    release,
    renew,
)  # fmt: skip

People = Callable[..., User]


@pytest.fixture
def version(town: City) -> CityVersion:
    return town.versions.get()


def later(seconds: float) -> Any:
    return timezone.now() + timedelta(seconds=seconds)


def test_equal_questions_are_one_run(version: CityVersion, person: People) -> None:
    ana, ben = person("ana"), person("ben")
    first = ask(version, "plan", {"settings": ["heat.cop=3"], "resolution": "quick"}, ana)
    again = ask(version, "plan", {"settings": ["heat.cop=3"]}, ben)
    assert again == first
    assert first.asked_by == ana
    for other in ({}, {"settings": ["heat.cop=4"]}):
        assert ask(version, "plan", other, ben) != first
    assert ask(version, "frontier", {"settings": ["heat.cop=3"]}, ben) != first


def test_who_asks_matters_only_where_something_is_set(version: CityVersion) -> None:
    """Who set a rule is printed beside it, so two people's equal rules are two answers; else a name changes nothing."""
    assert inputs_hash(version, "plan", {"set_by": "Ana"}) == inputs_hash(version, "plan", {"set_by": "Ben", "how": ""})
    ruled = {"rules": ["benefit_share share=0.5"]}
    assert inputs_hash(version, "plan", {**ruled, "set_by": "Ana"}) != inputs_hash(
        version, "plan", {**ruled, "set_by": "Ben"}
    )


def test_other_figures_or_other_code_are_another_run(
    version: CityVersion, village: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = inputs_hash(version, "plan", {})
    assert inputs_hash(village.versions.get(), "plan", {}) != before
    monkeypatch.setattr(inputs, "code_hash", lambda: "other code")
    assert inputs_hash(version, "plan", {}) != before


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_failed_may_be_asked_again(version: CityVersion, state: str) -> None:
    first = ask(version, "plan", {}, None)
    Run.objects.filter(pk=first.pk).update(state=state)
    assert ask(version, "plan", {}, None) != first


def test_a_question_that_cannot_be_read_is_no_run(version: CityVersion, person: People) -> None:
    with pytest.raises(InputError, match="nosuchthing"):
        ask(version, "plan", {"nosuchthing": 1}, person("ana"))
    assert not Run.objects.exists()


def test_a_person_has_so_many_runs_at_once(version: CityVersion, person: People, settings: Any) -> None:
    settings.RUNS_EACH = 2
    ana, ben = person("ana"), person("ben")
    kept = [ask(version, "plan", {"settings": [f"heat.cop={n}"]}, ana) for n in (1, 2)]
    with pytest.raises(TooMany, match="2 runs"):
        ask(version, "plan", {"settings": ["heat.cop=3"]}, ana)
    assert ask(version, "plan", {"settings": ["heat.cop=1"]}, ana) == kept[0]
    ask(version, "plan", {"settings": ["heat.cop=3"]}, ben)
    cancel(kept[0], ana)
    ask(version, "plan", {"settings": ["heat.cop=4"]}, ana)


def test_the_longest_waiting_goes_first_and_once(version: CityVersion) -> None:
    first, second = (ask(version, "plan", {"settings": [f"heat.cop={n}"]}, None) for n in (1, 2))
    one, two = claim(), claim()
    assert (one, two) == (first, second)
    assert one is not None
    assert two is not None
    assert (one.state, one.attempt) == ("running", 1)
    assert one.token != two.token
    assert claim() is None


def test_a_run_without_signs_of_life_is_claimed_anew_and_its_old_token_is_void(version: CityVersion) -> None:
    ask(version, "plan", {}, None)
    old = claim()
    assert old is not None
    renew(old.pk, old.token, 0.4, {"en": "half way"})
    assert claim() is None
    new = claim(later(60))
    assert new is not None
    assert (new.pk, new.attempt, new.share) == (old.pk, 2, 0.0)
    for refused in (
        lambda: renew(old.pk, old.token, 0.9),
        lambda: finish(old.pk, old.token),
        lambda: fail(old.pk, old.token, {}),
        lambda: release(old.pk, old.token, counts=False),
        lambda: renew(old.pk, ""),
    ):
        with pytest.raises(Lost):
            refused()
    assert not is_held(old.pk, old.token)
    assert is_held(new.pk, new.token)
    assert finish(new.pk, new.token).state == "done"
    with pytest.raises(Lost):
        finish(new.pk, new.token)


def test_a_run_given_back_waits_again(version: CityVersion) -> None:
    ask(version, "plan", {}, None)
    for counts, attempt in ((False, 1), (True, 2)):
        held = claim()
        assert held is not None
        release(held.pk, held.token, counts)
        again = claim()
        assert again is not None
        assert again.attempt == attempt
        release(again.pk, again.token, counts=False)


def test_a_run_whose_workers_vanish_fails_with_a_sentence(version: CityVersion, settings: Any) -> None:
    run = ask(version, "check", {}, None)
    for n in range(settings.RUN_TRIES):
        assert claim(later(100 * n)) is not None
    assert claim(later(1000)) is None
    assert reap() == 0
    assert reap(later(1000)) == 1
    run.refresh_from_db()
    assert run.state == "failed"
    assert set(run.why) == {"en", "es", "pt-br"}
    assert "3 times" in run.reasons[0]
    version.refresh_from_db()
    assert version.state == "wrong"


def test_cancelling_voids_the_token(version: CityVersion, person: People) -> None:
    ana = person("ana")
    run = ask(version, "plan", {}, ana)
    held = claim()
    assert held is not None
    cancel(run, ana)
    with pytest.raises(Lost):
        renew(held.pk, held.token)
    with pytest.raises(Refused, match="ended"):
        cancel(run, ana)


def test_a_run_that_others_wait_for_goes_on(version: CityVersion, person: People, town: City) -> None:
    ana, ben = person("ana"), person("ben")
    run = ask(version, "plan", {}, ana)
    Plan.objects.create(city=town, run=run, title="Ben's", made_by=ben, made_by_name="Ben")
    with pytest.raises(Refused, match="Other people"):
        cancel(run, ana)


def test_whoever_waits_is_told_of_the_end(version: CityVersion, person: People, town: City) -> None:
    ana, ben, _cyd = person("ana"), person("ben"), person("cyd")
    run = ask(version, "plan", {}, ana)
    Plan.objects.create(city=town, run=run, title="Ben's", made_by=ben, made_by_name="Ben")
    held = claim()
    assert held is not None
    finish(held.pk, held.token)
    told = {(r.user.name, r.message, r.path) for r in Reminder.objects.all()}
    assert told == {(name, "Your plan is ready", f"/runs/{run.pk}/") for name in ("Ana", "Ben")}
