"""Findings on a city in the reader's language: sentences of ours are said in it, words of the city's files stay."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mutirao
from mutirao.city.check import check
from mutirao.city.coverage import GRADE_WORDS
from mutirao.city.dictionary import FACT_COLUMNS, METHOD_MEANING, TABLES
from mutirao.city.draft import draft_city
from mutirao.city.folder import read_city
from mutirao.city.gpc import REFERENCES, SECTORS, reference
from mutirao.city.inventory import Inventory, PublishedTotal, Row, compare
from mutirao.city.notation import KEYS
from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.speech import LANGUAGES, MARKED, SOURCE, again, in_language, translated, whole_catalogue
from mutirao.ground.tables import number
from mutirao.model.system import installed_systems
from mutirao.plan.examine import check_record, examine_given
from mutirao.plan.inputs import declared_variables
from tests import test_bad_input, test_city_check, test_communities
from tests.cities import MEASURES, VARIABLES, small_city

ROOT = Path(mutirao.__file__).parent
ROOMS = [ROOT / "city", ROOT / "ground"]
#: Rooms' files whose sentences are not findings: the data dictionary and the README of an empty folder.
NOT_FINDINGS = ("dictionary.py", "template.py")
LANGUAGES_OF_READERS = [code for code in LANGUAGES if code != SOURCE]
CASES = {
    **{f"check: {name}": case[0] for name, case in test_city_check.CASES.items()},
    **{f"communities: {name}": case[0] for name, case in test_communities.CASES.items()},
    **{f"bad input: {name}": case[0] for name, case in test_bad_input.CASES.items() if name != "a million rows"},
}
#: Folders that have every optional table; the other cases change a small city.
FOLDERS = {"communities": test_communities.with_all}


def sentences(text: str) -> Iterator[str]:
    """Texts of a Python file that end as a sentence does; not its docstrings, nor parts of formatted texts."""
    tree = ast.parse(text)
    beside = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    beside |= {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in beside else None
        if isinstance(text, str) and re.search(r"\w{2,} .*\w{2,}.*[.?]$", text):
            yield text


def unsaid(text: str) -> str:
    """What stands outside the marks of the marked language, without references of the GPC and numbers."""
    while (less := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = less
    return " ".join(re.findall(r"[^\W\d_]{2,}", re.sub(r"\b[IV]+(\.\d+)+", "", text)))


@pytest.mark.parametrize("code", LANGUAGES_OF_READERS)
def test_every_sentence_of_a_finding_is_in_the_catalogue(code: str) -> None:
    known = {message.id for message in whole_catalogue(code) if message.id}
    lacking = {
        f"{file.name}: {sentence}"
        for room in ROOMS
        for file in sorted(room.glob("*.py"))
        if file.name not in NOT_FINDINGS
        for sentence in sentences(file.read_text(encoding="utf-8"))
        if sentence not in known
    }
    assert not lacking, "\n".join(sorted(lacking))


def test_a_sentence_that_is_not_in_the_catalogue_is_seen() -> None:
    text = 'def f():\n    """Not this one."""\n    return Finding("a", 1, "", "the cell is odd.", f"Write {f}.")\n'
    assert list(sentences(text)) == ["the cell is odd."]
    with in_language(MARKED):
        assert unsaid(again("the cell is odd.")) == "the cell is odd"


@pytest.mark.parametrize("name", CASES)
def test_findings_are_said_wholly_in_the_reader_s_language(name: str, tmp_path: Path) -> None:
    path = FOLDERS.get(name.partition(":")[0], small_city)(tmp_path / "city")
    CASES[name](path)
    findings = check(path, VARIABLES, MEASURES)
    assert findings
    for finding in findings:
        with in_language(MARKED):
            said = again(finding.what), again(finding.mend)
        assert not any(unsaid(part) for part in said), said
        for code in LANGUAGES_OF_READERS:
            with in_language(code):
                here = str(finding)
            assert finding.what not in here
        assert str(finding).startswith(f"{finding.place()}: {finding.what}")


def test_a_city_read_in_a_language_says_its_findings_in_it(tmp_path: Path) -> None:
    path = small_city(tmp_path / "city")
    test_city_check.CASES["unknown variable"][0](path)
    english = check(path, VARIABLES, MEASURES)
    with in_language("es"):
        spanish = check(path, VARIABLES, MEASURES)
        assert [again(f.what) for f in english] == [again(f.what) for f in spanish]
        with pytest.raises(InputError) as refused:
            read_city(path, VARIABLES)
        assert "people.csv, fila 2, columna «variable»: ninguna variable se llama «popluation»." in str(refused.value)
    assert "people.csv, row 2, column 'variable': no variable is called" in str(InputError(english))


def test_words_of_the_city_s_files_are_not_translated() -> None:
    # "default" is a word of the catalogue, and here the word that has to stand in the cell.
    hint = told("Did you mean '{name}'?", name="default")
    with in_language("es"):
        assert translated("default") != "default"
        assert again(hint) == "¿Quiso decir «default»?"
        assert told("Did you mean '{name}'?", name="default") == again(hint)
    said = told("the cells are separated by {name}, not by commas.", name=Phrase("semicolons"))
    with in_language("pt-br"):
        assert again(said) == "as células estão separadas por ponto e vírgula, não por vírgulas."


def test_numbers_of_cells_stay_and_sums_have_the_marks_of_the_language() -> None:
    inventory = Inventory((Row(2020, "I.1.1", value=8200.0), Row(2020, "III.1.1", value=1.5)), gwp="AR5-100")
    gap = compare(inventory, [PublishedTotal("Vila", 2020, "BASIC", 7000.0)])[0]
    assert gap.what.endswith("its parts sum to 8,202: a gap of -1,202 t.")
    with in_language("es"):
        assert again(gap.what).endswith("suman 8.202: una diferencia de −1.202 t.")
    with pytest.raises(InputError) as refused:
        number("1,5", "people.csv", 2, "value")
    with in_language("es"):
        assert str(refused.value) == "people.csv, fila 2, columna «value»: «1,5» tiene una coma decimal. Escriba 1.5."


def test_a_reason_given_by_an_error_is_said_in_the_language() -> None:
    with pytest.raises(ValueError, match="not a GPC reference") as refused:
        reference("I.63")
    said = told("{reason}.", reason=Phrase(str(refused.value)))
    assert said == "'I.63' is not a GPC reference (near: I.6.3)."
    with in_language("pt-br"):
        assert again(said) == "“I.63” não é uma referência do GPC (parecidas: I.6.3)."


@pytest.mark.parametrize("code", LANGUAGES_OF_READERS)
def test_names_of_the_inventory_and_of_the_figures_are_in_the_catalogue(code: str) -> None:
    variables = declared_variables(installed_systems())
    texts = {*SECTORS.values(), *KEYS.values(), *METHOD_MEANING, *METHOD_MEANING.values(), *GRADE_WORDS.values()}
    texts |= {text for r in REFERENCES.values() for text in (r.subsector, r.description)}
    texts |= {text for v in variables for text in (v.meaning, v.default) if text}
    texts |= {text for what, columns in TABLES.values() for text in (what, *columns.values())}
    texts |= set(FACT_COLUMNS.values())
    drafted = draft_city("Aldeia", 1e5, "warm", "clean", 2022)
    texts |= {group.name for group in drafted.settings.groups} | {drafted.settings.boundary}
    texts |= {row.explanation for row in drafted.inventory.rows if row.notation}
    known = {message.id for message in whole_catalogue(code) if message.id}
    assert not texts - known


def test_a_draft_is_explained_in_the_language_it_is_drafted_in() -> None:
    with in_language("es"):
        city = draft_city("Aldeia", 1e5, "warm", "clean", 2022)
    assert city.settings.note.startswith("Borrador")
    assert any(row.explanation.startswith("mediana por persona") for row in city.inventory.rows)


def test_the_record_of_a_check_is_said_in_the_current_language(tmp_path: Path) -> None:
    systems = installed_systems()
    variables = declared_variables(systems)
    city, findings = examine_given(small_city(tmp_path / "city"), systems)
    assert findings
    english = check_record(city, findings, variables)
    with in_language("pt-br"):
        record = check_record(city, findings, variables)
    assert json.loads(json.dumps(record)) == record
    assert record.keys() == english.keys()
    for kind in ("errors", "notes"):
        for one, other in zip(english[kind], record[kind], strict=True):
            assert [one[k] for k in ("file", "row", "column", "level")] == [
                other[k] for k in ("file", "row", "column", "level")
            ]
            assert one["what"] != other["what"]
    assert check_record(None, [Finding("a.csv", 1, "b", "the file is empty.", "")], variables)["city"] is None
