"""A city checked as far as a plan needs it, and the result as a record for pages and other programs."""

from collections.abc import Sequence
from pathlib import Path

from mutirao.city.check import check_city, examine
from mutirao.city.coverage import absent, coverage, share_by_grade
from mutirao.city.folder import PARAMETERS, City
from mutirao.city.rules import sorted_findings
from mutirao.city.variables import Variable
from mutirao.city.workbook import is_workbook, read_workbook
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.speech import again
from mutirao.ground.tables import ROW
from mutirao.model.system import System
from mutirao.plan.inputs import (
    declared_measures,
    declared_variables,
    default_parameters,
    horizon_of,
    parameters_of,
    time_of,
)


def examine_given(path: Path, systems: Sequence[System]) -> tuple[City | None, list[Finding]]:
    """Read a folder or workbook and check it as far as a plan needs it: the city, if readable, and findings."""
    variables, measures = declared_variables(systems), declared_measures(systems)
    if is_workbook(path):
        try:
            city: City | None = read_workbook(path, variables)
        except InputError as error:
            return None, list(error.findings)
        assert city is not None
        findings = sorted_findings(check_city(city, variables, measures))
    else:
        city, findings = examine(path, variables, measures)
    if city is None or any(finding.level == "error" for finding in findings):
        return city, findings
    return city, [*_inputs(city, systems), *findings]


def check_record(
    city: City | None, findings: Sequence[Finding], variables: Sequence[Variable]
) -> dict[str, object]:
    """The result of a check, ready for JSON, its sentences in the current language.

    Keys: city (name), errors and notes (file, row, column, what, mend, level); and, where the city could be read,
    coverage (letters by system and zone), share_by_grade (0..1) and not_given (names of variables).
    """
    record: dict[str, object] = {
        "city": city.settings.name if city is not None else None,
        "errors": [_record(f) for f in findings if f.level == "error"],
        "notes": [_record(f) for f in findings if f.level == "note"],
    }
    if city is not None:
        matrix = coverage(city, variables)
        record["coverage"] = {str(system): row.to_dict() for system, row in matrix.iterrows()}
        record["share_by_grade"] = share_by_grade(city)
        record["not_given"] = [v.name for v in absent(city, variables)]
    return record


def _record(finding: Finding) -> dict[str, object]:
    return {**vars(finding), "what": again(finding.what), "mend": again(finding.mend)}


def _inputs(city: City, systems: Sequence[System]) -> list[Finding]:
    """What only shows when the inputs of a plan are put together: parameters, horizon, climate."""
    known = default_parameters(systems)
    if city.parameters is not None:
        rows = zip(city.parameters["name"], city.parameters[ROW], strict=True)
        strange = [(str(name), int(row)) for name, row in rows if name not in known]
        if strange:
            mend = "Correct the name; `mutirao dictionary` lists all."
            return [
                Finding(PARAMETERS, row, "name", told("no parameter is called '{name}'.", name=name), mend)
                for name, row in strange
            ]
    try:
        parameters_of(city, systems)
        horizon_of(city, "quick")
        time_of(city, "quick")
    except InputError as error:
        return list(error.findings)
    return []
