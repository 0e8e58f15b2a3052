"""Own fields as people see them: each type, single and multiple, at every exit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import openpyxl
import pytest

from dash_app.cli.report import all_records, dump
from dash_app.engine.context import connect
from dash_app.exports.cells import ListLook
from dash_app.exports.csv import machine_csv, records_csv
from dash_app.exports.excel import records_workbook
from dash_app.portal import wire
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.text import Lang
from dash_app.views.records import column_defs, grid_rows
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Published, service_of
from tests.store.raw_builder import Raw

TOKEN = "s3cretT0ken"
FILE = {"id": 5, "showUrl": f"/x?auth={TOKEN}", "downloadUrl": f"https://p/y?id=5&auth={TOKEN}"}
ADDRESS = "https://x.bitrix24.ru"
CARD = f"{ADDRESS}/crm/deal/details/1/"
OPTIONS = '[{"ID": "45", "VALUE": "Дорого"}, {"ID": "46", "VALUE": "ООО \\"Юг\\""}]'


@dataclass(frozen=True)
class Case:
    """A field's type, what the portal sends, and what each exit shows of it."""

    type: str
    sent: Any
    page: str
    excel: Any
    csv: str
    json: Any
    english: str = ""
    several: bool = False
    settings: Any = None
    urls: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field."""
        return f"UF_CRM_{self.type.upper()}_{'MANY' if self.several else 'ONE'}"


def many(kind: str, sent: Any, shown: str, values: list[Any], **more: Any) -> Case:
    """Several values: a text in files, a list for programs."""
    return Case(kind, sent, shown, more.pop("excel", shown), more.pop("csv", shown), values, several=True, **more)


def one(kind: str, sent: Any, shown: str, **more: Any) -> Case:
    """One value that is a text everywhere."""
    return Case(kind, sent, shown, shown, more.pop("csv", shown), more.pop("json", shown), **more)


CASES = (
    one("file", FILE, "файл", english="file", urls=(CARD,)),
    many("file", [FILE, {**FILE, "id": 6}], "файлов: 2", "файлов: 2", english="files: 2", urls=(CARD,)),  # type: ignore[arg-type]
    one("employee", "7", "Анна Ли", urls=(f"{ADDRESS}/company/personal/user/7/",)),
    many(
        "employee",
        ["8", "503"],
        "Олег Ким (уволен); Сотрудник №503",
        ["Олег Ким (уволен)", "Сотрудник №503"],
        english="Олег Ким (dismissed); User #503",
        urls=(f"{ADDRESS}/company/personal/user/8/", f"{ADDRESS}/company/personal/user/503/"),
    ),
    one("crm_status", "FOOD", "Пищевая", settings={"ENTITY_TYPE": "INDUSTRY"}),
    many(
        "crm_status",
        ["FOOD", "OLD"],
        "Пищевая; OLD (удалено)",
        ["Пищевая", "OLD (удалено)"],
        english="Пищевая; OLD (deleted)",
        settings={"ENTITY_TYPE": "INDUSTRY"},
    ),
    Case("money", "100|USD", "100\u00a0$", 100, "100,00 USD", {"amount": 100.0, "currency": "USD"}, english="$100"),
    many(
        "money",
        ["10|RUB", "20|USD", "0|RUB"],
        "10\u00a0₽; 20\u00a0$",
        [10.0, {"amount": 20.0, "currency": "USD"}],
        excel="10,00; 20,00 USD",
        csv="10,00; 20,00 USD",
        english="₽10; $20",
    ),
    Case(
        "date",
        "2026-03-05T03:00:00+03:00",
        "05.03.2026",
        datetime(2026, 3, 5),
        "05.03.2026",
        "2026-03-05",
        "2026-03-05",
    ),
    many(
        "date",
        ["2026-03-05T03:00:00+03:00", "2026-04-05T03:00:00+03:00"],
        "05.03.2026; 05.04.2026",
        ["2026-03-05", "2026-04-05"],
        english="2026-03-05; 2026-04-05",
    ),
    Case(
        "datetime",
        "2026-03-05T23:30:00+00:00",
        "6\u00a0мар\u00a02026, 02:30",
        datetime(2026, 3, 6, 2, 30),
        "06.03.2026 02:30:00",
        "2026-03-06T02:30:00+03:00",
        "6\u00a0Mar\u00a02026, 02:30",
    ),
    many(
        "datetime",
        ["2026-03-05T23:30:00+00:00", "2026-04-05T12:00:00+03:00"],
        "6\u00a0мар\u00a02026, 02:30; 5\u00a0апр\u00a02026, 12:00",
        ["2026-03-06T02:30:00+03:00", "2026-04-05T12:00:00+03:00"],
        excel="06.03.2026 02:30:00; 05.04.2026 12:00:00",
        csv="06.03.2026 02:30:00; 05.04.2026 12:00:00",
        english="6\u00a0Mar\u00a02026, 02:30; 5\u00a0Apr\u00a02026, 12:00",
    ),
    one(
        "crm",
        "12",
        "Контакт 12",
        english="Contact 12",
        settings={"CONTACT": "Y", "DEAL": "N"},
        urls=(f"{ADDRESS}/crm/contact/details/12/",),
    ),
    many(
        "crm",
        "CO_3;D_1;T80_5;CO_4;SI_6",
        'ООО "Ромашка"; Сделка 1; Смарт-процесс 128: 5; Компания 4; Счёт 6',
        ['ООО "Ромашка"', "Сделка 1", "Смарт-процесс 128: 5", "Компания 4", "Счёт 6"],
        english='ООО "Ромашка"; Сделка 1; Smart process 128: 5; Company 4; Invoice 6',
        urls=(
            f"{ADDRESS}/crm/company/details/3/",
            CARD,
            f"{ADDRESS}/crm/type/128/details/5/",
            f"{ADDRESS}/crm/company/details/4/",
            f"{ADDRESS}/crm/type/31/details/6/",
        ),
    ),
    one("address", "Гранатный пер., 10|55.76;37.59|571", "Гранатный пер., 10"),
    many(
        "address",
        ["Гранатный пер., 10|;|571", "|;|5", "Тверская, 1"],
        "Гранатный пер., 10; Тверская, 1",
        ["Гранатный пер., 10", "Тверская, 1"],
    ),
    Case("integer", "68477", "68\u00a0477", 68477, "68477", 68477, "68,477"),
    many("integer", ["5", "", "0", "-7"], "5; 0; −7", [5, 0, -7], excel="5; 0; -7", csv="5; 0; -7"),
    Case("double", "7.5", "7,5", 7.5, "7,5", 7.5, "7.5"),
    many("double", ["7.5", "nan", "8"], "7,5; 8", [7.5, 8.0], english="7.5; 8"),
    Case("boolean", False, "нет", "нет", "нет", "нет", "no"),
    many("boolean", ["1", "0"], "да; нет", ["да", "нет"], english="yes; no"),
    one("enumeration", "45", "Дорого"),
    many(
        "enumeration",
        [46, 99],
        'ООО "Юг"; 99 (удалено)',
        ['ООО "Юг"', "99 (удалено)"],
        english='ООО "Юг"; 99 (deleted)',
    ),
    one("string", "=1+1 &amp; &quot;так&quot;", '=1+1 & "так"', csv='\'=1+1 & "так"'),
    many("string", ["+с ндс", ""], "+с ндс", "+с ндс", csv="'+с ндс"),  # type: ignore[arg-type]
    one("url", "https://site.example/?a=1&amp;auth=s3cretT0ken", "https://site.example/?a=1"),
    many("url", ["https://a.example", "нет"], "https://a.example; нет", ["https://a.example", "нет"]),
    one("iblock_element", 15, "Элемент №15", english="Element #15"),
    many(
        "iblock_section", [3, 4], "Раздел №3; Раздел №4", ["Раздел №3", "Раздел №4"], english="Section #3; Section #4"
    ),
    one("hlblock", "7", "Запись №7", english="Entry #7"),
    many("resourcebooking", [15, 16], "15; 16", ["15", "16"]),
    one("rest_1_own", {"a": "<b>", "link": f"/x?auth={TOKEN}"}, '{"a":"<b>","link":"/x"}'),
)
NAMES = [case.name for case in CASES]


def line(uf: dict[str, Any]) -> dict[str, Any]:
    """What a card keeps of its fields."""
    return json.loads(wire.user_fields(uf) or "{}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[ReportService]:
    raw = Raw(folder / "raw.duckdb")
    for number, case in enumerate(CASES):
        raw.add(
            "user_fields",
            entity="deal",
            field=case.name,
            type=case.type,
            label=f"Поле {number}",
            multiple=case.several,
            sort=number,
            items=OPTIONS if case.type == "enumeration" else None,
            settings=json.dumps(case.settings) if case.settings else None,
        )
    raw.add("statuses", id=901, entity_id="INDUSTRY", status_id="FOOD", name="Пищевая", sort=10)
    raw.add("users", id=7, active=True, name="Анна", last_name="Ли")
    raw.add("users", id=8, active=False, name="Олег", last_name="Ким")
    raw.add("companies", id=3, title='ООО "Ромашка"')
    raw.add("companies", id=4)
    new = [("NEW", "2026-03-05 10:00")]
    raw.deal(1, "2026-03-05 10:00", new, uf=line({case.name: case.sent for case in CASES}))
    # nothing said, in every spelling of it
    nothing = {
        c.name: False if c.several else None if c.type == "boolean" else "0|RUB" if c.type == "money" else ""
        for c in CASES
    }
    raw.deal(2, "2026-03-05 10:00", new, uf=line(nothing))
    facts = raw.facts()
    facts.con.close()
    raw.con.close()
    yield service_of(Published(facts.path), REPORT)


def asked(service: ReportService) -> Any:
    return service.parse(REPORT, {"from": ["2026-03-01"], "to": ["2026-03-31"]})


def page(service: ReportService, lang: Lang = "ru", **request: Any) -> Any:
    grid = GridRequest(0, 10, columns=tuple(NAMES), **request)
    return service.records(REPORT, "deals", "", {}, asked(service), grid, lang=lang)


def ids(service: ReportService, name: str, model: dict[str, Any], lang: Lang = "ru") -> list[str]:
    return sorted(r["id"] for r in page(service, lang, filters={name: model}).rows)


@pytest.fixture(scope="module")
def shown(service: ReportService) -> dict[str, dict[str, Any]]:
    """Rows by language and id, as the grid gets them."""
    return {f"{lang}{row['id']}": row for lang in ("ru", "en") for row in grid_rows(page(service, lang), lang, "RUB")}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_list_shows_what_people_mean_by_a_field(shown: dict[str, dict[str, Any]], case: Case) -> None:
    assert shown["ru1"][case.name] == case.page
    assert shown["en1"][case.name] == (case.english or case.page)
    assert shown["ru2"][case.name] == shown["en2"][case.name] == "—"


@pytest.mark.parametrize("case", [c for c in CASES if c.urls], ids=[c.name for c in CASES if c.urls])
def test_what_leads_somewhere_is_a_link(service: ReportService, shown: dict[str, dict[str, Any]], case: Case) -> None:
    assert tuple(url for _, url in shown["ru1"][f"{case.name}_parts"]) == case.urls
    definition = next(d for d in column_defs(page(service), "ru") if d["field"] == case.name)
    assert definition["cellRenderer"] == "FieldLinks"


def test_an_address_is_a_link_only_where_it_is_of_the_web(shown: dict[str, dict[str, Any]]) -> None:
    assert shown["ru1"]["UF_CRM_URL_MANY_parts"] == [["https://a.example", "https://a.example"], ["нет", ""]]
    assert "UF_CRM_STRING_ONE_parts" not in shown["ru1"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_list_sorts_the_empty_last_and_filters_by_what_is_read(service: ReportService, case: Case) -> None:
    for direction in ("asc", "desc"):
        assert [r["id"] for r in page(service, sort=((case.name, direction),)).rows] == ["1", "2"]
    assert ids(service, case.name, {"type": "blank"}) == ["2"]
    assert ids(service, case.name, {"type": "notBlank"}) == ["1"]
    model: dict[str, Any] = {"type": "equals"}
    for lang in ("ru", "en"):
        text = str(shown_text(service, case, lang))
        if case.type in ("date", "datetime"):
            model["dateFrom"] = "2026-03-05" if case.type == "date" else "2026-03-06"
        elif case.type in ("integer", "double"):
            model["filter"] = case.json[0] if case.several else case.json
        elif case.type == "money":
            model["filter"] = 9050 if not case.several else 1810
        else:
            model["filter"] = text
        assert ids(service, case.name, model, lang) == ["1"], (lang, model)
        if case.several and case.type in ("date", "datetime", "integer", "double", "money"):
            assert ids(service, case.name, {**model, "type": "notEqual"}, lang) == []


def shown_text(service: ReportService, case: Case, lang: Lang) -> Any:
    row = next(r for r in page(service, lang).rows if r["id"] == "1")
    value = row[case.name]
    return "; ".join(map(str, value)) if isinstance(value, list) else value


@pytest.fixture(scope="module")
def excel(service: ReportService) -> dict[str, Any]:
    target = io.BytesIO()
    records_workbook(service, REPORT, "deals", "", {}, asked(service), "ru", target, look=ListLook(tuple(NAMES)))
    sheet = openpyxl.load_workbook(target)["Записи"]
    heads = [c.value for c in sheet[4]]
    line = next(r for r in sheet.iter_rows(min_row=5) if str(r[0].value) == "1")
    return {f"UF:{head}": cell for head, cell in zip(heads, line, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_excel_has_values_of_their_type(excel: dict[str, Any], case: Case) -> None:
    cell = excel[f"UF:Поле {NAMES.index(case.name)}"]
    assert cell.value == case.excel and type(cell.value) is type(case.excel)
    assert cell.data_type != "f"  # never a formula
    if len(case.urls) == 1:
        assert cell.hyperlink is not None and cell.hyperlink.target == case.urls[0]
    if case.name == "UF_CRM_MONEY_ONE":
        assert "$" in cell.number_format


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_csv_has_texts_no_spreadsheet_runs(service: ReportService, case: Case) -> None:
    content = records_csv(service, REPORT, "deals", "", {}, asked(service), "ru", look=ListLook((case.name,))).decode(
        "utf-8-sig"
    )
    rows = {r["ID"]: r for r in csv.DictReader(io.StringIO(content), delimiter=";")}
    assert rows["1"][f"Поле {NAMES.index(case.name)}"] == case.csv
    assert rows["2"][f"Поле {NAMES.index(case.name)}"] == ""


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_command_line_prints_values_for_programs(service: ReportService, case: Case) -> None:
    _, rows, _, _ = all_records(service, REPORT, "deals", "", {}, asked(service), "ru", extra=(case.name,))
    found = {row["id"]: row[case.name] for row in json.loads(dump(rows))}
    assert found == {"1": case.json, "2": None}


def test_no_token_leaves_and_none_is_on_disk(service: ReportService, folder: Path) -> None:
    query = asked(service)
    target = folder / "records.xlsx"
    records_workbook(service, REPORT, "deals", "", {}, query, "ru", str(target), look=ListLook(tuple(NAMES)))
    columns, rows, _, _ = all_records(service, REPORT, "deals", "", {}, query, "ru", extra=tuple(NAMES))
    left = [
        records_csv(service, REPORT, "deals", "", {}, query, "ru", look=ListLook(tuple(NAMES))),
        machine_csv([(None, [c.id for c in columns], rows)]),
        dump(rows),
        repr(grid_rows(page(service), "ru", "RUB")).encode(),
        "".join(
            str(cell.value) + str(cell.hyperlink and cell.hyperlink.target)
            for sheet in openpyxl.load_workbook(target)
            for row in sheet.iter_rows()
            for cell in row
        ).encode(),
        *(file.read_bytes() for file in folder.rglob("*") if file.is_file()),
    ]
    assert len(left) > 6
    for content in left:
        assert TOKEN.encode() not in content and b"auth=" not in content


LISTED = [c for c in CASES if c.type in ("employee", "crm_status", "crm", "boolean", "enumeration", "iblock_element")]


@pytest.mark.parametrize("case", LISTED, ids=[c.name for c in LISTED])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_directories_filter_like_lists(service: ReportService, case: Case, lang: Lang) -> None:
    assert (f"uf.{case.name}") in [f"uf.{name}" for name, _ in service.field_filters(REPORT)]
    name = f"uf.{case.name}"
    choices = {c.label: c for c in service.choices(REPORT, name, asked(service), lang=lang)}
    words = shown_text(service, case, lang)
    parts = [p for p in choices if p in words] if case.several else [words]
    assert parts and all(choices[part].count == 1 for part in parts)
    empty = next(c for c in choices.values() if c.value == "none")
    assert empty.count == 1
    for value, found in ((choices[parts[0]].value, ["1"]), ("none", ["2"])):
        query = service.parse(REPORT, {"from": ["2026-03-01"], "to": ["2026-03-31"], name: [value]})
        rows = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 10), lang=lang).rows
        assert [r["id"] for r in rows] == found
        chip = service.chips(REPORT, query)[0].text.of(lang)
        shown = parts[0] if value != "none" else {"ru": "(не указан)", "en": "(not set)"}[lang]
        assert chip == f"Поле {NAMES.index(case.name)}: {shown}"
        assert service.parse(REPORT, parse_qs(service.query_string(REPORT, query))) == query


def test_money_of_other_currencies_is_summed_in_the_base(folder: Path, service: ReportService) -> None:
    con = connect(next(folder.glob("facts-*.duckdb")))
    found = con.execute('SELECT "UF_CRM_MONEY_MANY", "UF_CRM_MONEY_ONE" FROM deals WHERE id = 1').fetchall()[0]
    assert [m["base"] for m in found[0]] == [Decimal(10), Decimal(1810)] and found[1]["base"] == Decimal(9050)
    assert con.execute('SELECT "UF_CRM_DATE_ONE" FROM deals WHERE id = 1').fetchall() == [(date(2026, 3, 5),)]
