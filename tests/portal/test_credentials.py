"""Whatever is pasted as a webhook is understood or explained; the secret shows nowhere."""

from __future__ import annotations

import pytest

from dash_app.portal.credentials import BadWebhook, Webhook, is_loopback


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.bitrix24.ru/rest/17/abc123/",
        "https://acme.bitrix24.ru/rest/17/abc123",
        "https://acme.bitrix24.ru/rest/17/abc123/profile.json",
        "https://acme.bitrix24.ru/rest/17/abc123/crm.deal.list.json/",
        "  https://acme.bitrix24.ru/rest/17/abc123/?x=1 ",
        "HTTPS://ACME.bitrix24.ru/rest/17/abc123/",
    ],
)
def test_a_webhook_as_people_paste_it(url: str) -> None:
    webhook = Webhook.parse(url)
    assert (webhook.address, webhook.user_id, webhook.secret.get_secret_value()) == (
        "https://acme.bitrix24.ru",
        17,
        "abc123",
    )
    assert webhook.url("crm.deal.list") == "https://acme.bitrix24.ru/rest/17/abc123/crm.deal.list.json"


@pytest.mark.parametrize("host", ["127.0.0.1:8051", "localhost:8051", "[::1]:8051"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    assert Webhook.parse(f"http://{host}/rest/1/secret/").address == f"http://{host}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "не адрес"),
        ("acme.bitrix24.ru", "не адрес"),
        ("ftp://acme.bitrix24.ru/rest/1/abc123/", "не адрес"),
        ("https://[::1/rest/1/abc123/", "не адрес"),
        ("https://acme.bitrix24.ru:port/rest/1/abc123/", "не адрес"),
        ("http://acme.bitrix24.ru/rest/1/abc123/", "https://"),
        ("http://127.0.0.1.evil.example/rest/1/abc123/", "https://"),
        ("https://acme.bitrix24.ru/", "нет вебхука"),
        ("https://acme.bitrix24.ru/rest/1/", "нет вебхука"),
        ("https://acme.bitrix24.ru/rest/abc123/", "нет вебхука"),
        ("https://acme.bitrix24.ru/rest/x/abc123/", "нет вебхука"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(url: str, says: str) -> None:
    with pytest.raises(BadWebhook) as caught:
        Webhook.parse(url)
    assert says in caught.value.text.ru
    assert "abc123" not in caught.value.text.ru + caught.value.text.en + str(caught.value)


def test_the_secret_shows_nowhere() -> None:
    webhook = Webhook.parse("https://acme.bitrix24.ru/rest/17/abc123/")
    assert "abc123" not in repr(webhook) + str(webhook)


def test_data_of_a_portal_stays_where_it_is_when_the_secret_changes() -> None:
    first, second, other = (
        Webhook.parse(f"https://Acme.bitrix24.ru/rest/{path}/") for path in ("17/old", "17/new", "18/old")
    )
    assert first.portal_key == second.portal_key != other.portal_key
    assert first.portal_key.startswith("acme.bitrix24.ru-")
    assert "/" not in Webhook.parse("http://[::1]:80/rest/1/x/").portal_key


def test_loopback() -> None:
    assert [is_loopback(h) for h in ("localhost", "127.0.0.9", "::1", "10.0.0.1", "acme.ru", "127.0.0.1.nip.io")] == [
        True
    ] * 3 + [False] * 3
