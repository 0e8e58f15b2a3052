"""The first HTML, its headers, the router and the language."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from base64 import b64encode
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dash_app.app import create_app
from dash_app.services import Services
from dash_app.web import state
from tests.fakes import FakePortal, fake_services
from tests.web.conftest import Call, caller

ROOT = Path(__file__).parents[2]
PAGE = "page.children"


def test_everything_comes_from_this_address(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html)
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy and "script-src 'self'" in policy
    assert not re.search(r"script-src[^;]*unsafe-inline", policy)


def test_every_inline_script_is_known_to_the_policy(client: FlaskClient) -> None:
    response = client.get("/")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", response.get_data(as_text=True), re.S)
    inline = [code for attributes, code in scripts if "src=" not in attributes and "json" not in attributes]
    assert inline
    for script in inline:
        digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"sha256-{digest}" in response.headers["Content-Security-Policy"]


def test_the_page_is_in_the_persons_language(client: FlaskClient) -> None:
    assert '<html lang="ru"' in client.get("/").get_data(as_text=True)
    client.set_cookie("lang", "en")
    assert '<html lang="en"' in client.get("/").get_data(as_text=True)
    assert "Refresh" in client.get("/_dash-layout").get_data(as_text=True)
    client.set_cookie("lang", "<script>")
    assert '<html lang="ru"' in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "Сегодня, 20\u00a0марта\u00a02026"),
        ("/sales-dynamics", "Динамика продаж"),
        ("/settings", "Настройки"),
        ("/no-such", "Такой страницы нет"),
        ("/../../etc/passwd", "Такой страницы нет"),
    ],
)
def test_an_address_is_a_page(call: Call, path: str, said: str) -> None:
    answer = call(PAGE, {"url.pathname": path})
    assert said in json.dumps(answer, ensure_ascii=False)


def test_the_layout_holds_no_figures(client: FlaskClient) -> None:
    assert "Карточка" not in client.get("/_dash-layout").get_data(as_text=True)


def test_a_portal_without_data_says_what_will_be_loaded(tmp_path: Path) -> None:
    portal = FakePortal(tmp_path, empty=True)
    services = fake_services(tmp_path, portal=portal)
    app = create_app(services.settings, services)
    call = caller(app, app.server.test_client())
    for path in ("/", "/sales-dynamics"):
        assert "Загрузим данные портала" in json.dumps(call(PAGE, {"url.pathname": path}), ensure_ascii=False)
    assert "Часовой пояс" in json.dumps(call(PAGE, {"url.pathname": "/settings/time"}), ensure_ascii=False)


def test_two_applications_live_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = fake_services(tmp_path / "a"), fake_services(tmp_path / "b", reports=[], language="en")
    first, second = (create_app(s.settings, s) for s in (one, other))
    assert set(first.callback_map) == set(second.callback_map)
    shown = [
        json.dumps(caller(a, a.server.test_client())(PAGE, {"url.pathname": "/sales-dynamics"}), ensure_ascii=False)
        for a in (first, second)
    ]
    assert "Воронка" in shown[0] and "There is no such page" in shown[1]


def test_the_browser_is_told_what_goes_along_to_another_report(client: FlaskClient) -> None:
    told = re.search(
        r'<html lang="\w+" data-address="([^"]+)">', client.get("/team-performance").get_data(as_text=True)
    )
    assert told
    names = {kind: tuple(of) for kind, of in json.loads(unescape(told[1])).items()}
    assert names == {
        "when": (*state.OF_PERIOD, "as_of"),
        "ofPeriod": state.OF_PERIOD,
        "carried": state.CARRIED,
        "drawer": state.DRAWER,
    }


def test_vendored_files_are_the_ones_named() -> None:
    folder = ROOT / "assets/vendor"
    sums = dict(
        reversed(line.split(maxsplit=1))
        for line in (folder / "VERSIONS.txt").read_text().splitlines()
        if re.match(r"[0-9a-f]{64} ", line)
    )
    files = {
        str(f.relative_to(folder))
        for f in folder.rglob("*")
        if f.is_file() and not f.name.startswith(("LICENSE", "VERSIONS"))
    }
    assert set(sums) == files
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_what_changes_its_address_is_kept_by_the_browser(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    versioned = re.findall(r'(?:src|href)="(/assets/[^"]+[?]m=[^"]+)"', page)
    assert len(versioned) > 10
    for address in versioned:
        assert "max-age=31536000" in client.get(address).headers["Cache-Control"], address
        assert "max-age" not in client.get(address.partition("?")[0]).headers["Cache-Control"]


def test_no_thread_meets_a_library_half_imported() -> None:
    known = "import sys, dash_app.app; assert 'pandas' in sys.modules"
    assert subprocess.run([sys.executable, "-c", known], check=False).returncode == 0


def test_a_view_is_saved_from_the_page_for_this_browser(services: Services) -> None:
    """The browser's number is a cookie scripts do not see; another browser sees the view once it is for everybody."""
    app = create_app(services.settings, services)
    mine, other = app.server.test_client(), app.server.test_client()
    assert "HttpOnly" in mine.get("/sales-dynamics").headers["Set-Cookie"]
    other.get("/sales-dynamics")
    assert "Set-Cookie" not in mine.get("/sales-dynamics").headers
    button = '{"act":["ALL"],"type":"view-act","view":["ALL"]}.n_clicks'

    def press(act: str, view: int, name: str = "") -> str:
        pressed = {"act": act, "type": "view-act", "view": view}
        changed = f'{{"act":"{act}","type":"view-act","view":{view}}}.n_clicks'
        given = {
            button: [{"id": pressed, "property": "n_clicks", "value": 1}],
            "view-name.value": name,
            "url.search": "?period=last_month",
            "url.pathname": "/sales-dynamics",
        }
        return json.dumps(caller(app, mine)("view-state.children", given, changed), ensure_ascii=False)

    def menu(client: FlaskClient, search: str) -> str:
        given = {"url.search": search, "url.pathname": "/sales-dynamics"}
        return json.dumps(caller(app, client)("views.children", given), ensure_ascii=False)

    assert "Назовите вид" in press("save", 0)
    assert "сохранён" in press("save", 0, "Прошлый месяц")
    view = next(v for v in services.admin().workspace.views.all() if v.name == "Прошлый месяц").id
    assert menu(mine, "?period=last_month").count("Прошлый месяц") == 3  # on the button, its hint, in the list
    assert menu(mine, "").count("Прошлый месяц") == 1
    assert "Прошлый месяц" not in menu(other, "")
    press("share", view)
    press("first", view)
    assert "Прошлый месяц" in menu(other, "")
    assert '{"/sales-dynamics": "period=last_month"}' in json.dumps(mine.get("/_dash-layout").get_json())
    press("delete", view)
    assert "Прошлый месяц" not in menu(mine, "")
