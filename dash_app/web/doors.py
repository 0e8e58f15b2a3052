"""Who may reach the application at all. Where nobody signs in, whoever reaches it reads a company's sales: this machine only.

The rule is held for every request, whatever server was started with whatever address: a request has to come from this machine and to name it
(a foreign name that resolves here is DNS rebinding), or from a proxy that ``TRUSTED_PROXIES`` names – one that signs people in – for one of the
names of ``PUBLIC_HOSTS``. Where people sign in, requests come from anywhere, for an address in numbers or one of these names.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dash_app.errors import UserError
from dash_app.portal.credentials import is_loopback
from dash_app.settings import Settings
from dash_app.text import Text

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNIX = "unix"
"""In ``TRUSTED_PROXIES``: whoever writes to the server's own socket file, which has no address."""
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")

STRANGER = Text(
    "Вход не настроен, поэтому отчёты отвечают только этому компьютеру. Откройте их на нём самом или через прокси с входом (docs/deployment.md).",
    "No sign-in is configured, so the reports answer this machine only. Open them on it, or through a proxy that signs people in (docs/deployment.md).",
)
FOREIGN_NAME = Text(
    "Под этим именем отчёты не открываются. Откройте http://127.0.0.1 с портом приложения или добавьте имя в PUBLIC_HOSTS.",
    "The reports do not answer to this name. Open http://127.0.0.1 with the application's port, or add the name to PUBLIC_HOSTS.",
)
UNKNOWN_NAME = Text(
    "Под этим именем отчёты не открываются. Добавьте его в PUBLIC_HOSTS.",
    "The reports do not answer to this name. Add it to PUBLIC_HOSTS.",
)
UNKNOWN_PROXY = Text(
    "Запрос пришёл через прокси, а TRUSTED_PROXIES его не называет. Назовите его (docs/deployment.md).",
    "The request came through a proxy that TRUSTED_PROXIES does not name. Name it (docs/deployment.md).",
)
FOREIGN_PAGE = Text(
    "Запрос пришёл со страницы другого сайта. Откройте сами отчёты.",
    "The request came from another site's page. Open the reports themselves.",
)
NO_ADDRESS = Text("Адрес запроса непонятен.", "The request's address makes no sense.")


def refuse_open_address(settings: Settings) -> None:
    """UserError where the application would listen to strangers: an address other than loopback, and neither sign-in nor a proxy that signs people in."""
    if settings.sign_in == "none" and not is_loopback(settings.host) and not settings.trusted_proxies.strip():
        raise UserError(
            Text(
                f"Вход не настроен, поэтому приложение слушает только этот компьютер. Включите вход (SIGN_IN=local) или уберите HOST={settings.host}; для прокси с входом есть TRUSTED_PROXIES.",
                f"No sign-in is configured, so the application serves this machine only. Switch it on (SIGN_IN=local) or remove HOST={settings.host}; for a proxy that signs people in there is TRUSTED_PROXIES.",
            )
        )


def crosses_networks_readable(settings: Settings) -> bool:
    """Whether other machines reach the application itself, which speaks no https, and no proxy that does."""
    return not is_loopback(settings.host) and not settings.trusted_proxies.strip()


@dataclass(frozen=True, slots=True)
class Doors:
    """From where requests are taken. ``names``: public host names, lower case, without port. ``anybody``: people sign in, so whoever asks may be told to."""

    proxies: tuple[Network, ...] = ()
    socket_file: bool = False
    names: frozenset[str] = frozenset()
    anybody: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Doors:
        """Read from the settings; UserError names what is no address."""
        refuse_open_address(settings)
        proxies: list[Network] = []
        socket_file = False
        for word in settings.trusted_proxies.replace(",", " ").split():
            if word.lower() == UNIX:
                socket_file = True
                continue
            try:
                proxies.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                raise UserError(
                    Text(
                        f"TRUSTED_PROXIES: «{word[:60]}» – не адрес. Пример: 127.0.0.1, 10.0.0.0/24, unix.",
                        f"TRUSTED_PROXIES: “{word[:60]}” is no address. Example: 127.0.0.1, 10.0.0.0/24, unix.",
                    )
                ) from None
        names = frozenset(word.lower() for word in settings.public_hosts.replace(",", " ").split())
        if (proxies or socket_file) and not names:
            raise UserError(
                Text(
                    "TRUSTED_PROXIES задан, а PUBLIC_HOSTS пуст: назовите имена, под которыми люди открывают отчёты.",
                    "TRUSTED_PROXIES is set and PUBLIC_HOSTS is empty: give the names people open the reports by.",
                )
            )
        return cls(tuple(proxies), socket_file, names, settings.sign_in != "none")

    def refusal(self, remote: str, host: str, headers: Mapping[str, str]) -> Text | None:
        """Why a request is not answered, None if it is. ``remote``: the peer's address, '' for a socket file; ``host``: as the request names
        us; ``headers`` with case-insensitive names. ValueError for a name that is none."""
        name = host_name(host)
        through = self._is_proxy(remote)
        if through and name in self.names:
            return None
        if self.anybody:
            return self._refusal_of_anybody(name, remote, headers, through=through)
        if not _is_here(remote):
            return FOREIGN_NAME if through else STRANGER
        if not is_loopback(name):
            return FOREIGN_NAME
        if any(header in headers for header in _FORWARDED) and not through:
            return UNKNOWN_PROXY
        return None

    def _refusal_of_anybody(self, name: str, remote: str, headers: Mapping[str, str], *, through: bool) -> Text | None:
        """Names are held even where people sign in: a foreign one that resolves here would be another page's. Numbers cannot be made to."""
        if name not in self.names and not is_loopback(name) and _address(name) is None:
            return UNKNOWN_NAME
        if _is_here(remote) and any(header in headers for header in _FORWARDED) and not through:
            return UNKNOWN_PROXY  # all people would be one address, and one person's failures everybody's
        return None

    def peer(self, remote: str, headers: Mapping[str, str]) -> str:
        """The address of who asks: what named proxies say of it, else the peer's own."""
        if not self._is_proxy(remote):
            return remote
        for word in reversed(headers.get("X-Forwarded-For", "").split(",")):
            address = word.strip()
            if address and not self._is_proxy(address):
                return address if _address(address) is not None else remote
        return remote

    def is_secure(self, remote: str, scheme: str, headers: Mapping[str, str]) -> bool:
        """Whether the person's browser speaks https: to us, or to a named proxy."""
        return scheme == "https" or (
            self._is_proxy(remote) and headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip() == "https"
        )

    def is_this_machine(self, remote: str) -> bool:
        """Whether the peer is on this machine and speaks for itself: a named proxy speaks for anybody."""
        return _is_here(remote) and not self._is_proxy(remote)

    def _is_proxy(self, remote: str) -> bool:
        if not remote:
            return self.socket_file
        address = _address(remote)
        return address is not None and any(address in network for network in self.proxies)


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port; ValueError where there is none."""
    name = urlsplit(f"//{host}").hostname
    if not name:
        raise ValueError("no host")
    return name


def _address(remote: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_here(remote: str) -> bool:
    address = _address(remote)
    return address is not None and address.is_loopback
