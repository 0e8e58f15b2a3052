"""The webhook: whose portal, which user, which secret."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from dash_app.errors import UserError
from dash_app.text import Text

_PATH = re.compile(r"^/rest/(?P<user>\d+)/(?P<secret>[^/]+)(?:/[\w.]*)?/?$")


class BadWebhook(UserError):
    """The address of the webhook makes no sense; says what is wrong, never the secret."""


SETTING = Text("B24_WEBHOOK_URL", "B24_WEBHOOK_URL")


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Webhook:
    """A parsed incoming webhook. ``address``: scheme and host, the base of card links."""

    address: str
    user_id: int
    secret: SecretStr

    @classmethod
    def parse(cls, url: str, named: Text = SETTING) -> Webhook:
        """``https://portal.bitrix24.ru/rest/1/secret/`` (a method behind it is ignored); BadWebhook says what is wrong. ``named``: what it was given as."""
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if parts.scheme not in ("http", "https") or not host:
            raise BadWebhook(
                Text(
                    f"{named.ru} – не адрес. Он выглядит так: https://портал.bitrix24.ru/rest/1/секрет/.",
                    f"{named.en} is not an address. It looks like https://portal.bitrix24.ru/rest/1/secret/.",
                )
            )
        if parts.scheme == "http" and not is_loopback(host):
            raise BadWebhook(
                Text(
                    f"Адрес портала {host} должен начинаться с https://: по http секрет вебхука виден всем по пути.",
                    f"The address of {host} must begin with https://: over http everyone on the way sees the webhook's secret.",
                )
            )
        found = _PATH.match(parts.path)
        if found is None:
            raise BadWebhook(
                Text(
                    f"В адресе портала {host} нет вебхука. После имени портала должно идти /rest/номер/секрет/.",
                    f"The address of {host} holds no webhook. /rest/number/secret/ must follow the portal's name.",
                )
            )
        shown = f"[{host}]" if ":" in host else host
        address = f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
        return cls(address, int(found["user"]), SecretStr(found["secret"]))

    def url(self, method: str, address: str | None = None) -> str:
        """Where a method is called. Holds the secret: never log it."""
        return f"{address or self.address}/rest/{self.user_id}/{self.secret.get_secret_value()}/{method}.json"

    @property
    def portal_key(self) -> str:
        """Folder name of this portal's data: readable host and a short hash; never of the secret."""
        host = re.sub(r"[^a-z0-9.-]+", "-", urlsplit(self.address).netloc.lower())
        digest = hashlib.sha256(f"{self.address.lower()}|{self.user_id}".encode()).hexdigest()[:8]
        return f"{host}-{digest}"
