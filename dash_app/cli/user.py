"""``python -m dash_app user``: accounts of people who sign in (SIGN_IN=local). Passwords are never typed here: a one-time link sets them."""

from __future__ import annotations

import argparse

from dash_app.cli.monthly_file import who
from dash_app.security.accounts import Account, AccountRole
from dash_app.security.sign_in import SignIn
from dash_app.services_factory import sign_in_of, webhook_and_paths, workspace_of
from dash_app.settings import Settings
from dash_app.text import Text

LINK = Text(
    "Ссылка для «{name}», действует один раз в течение суток: {link}",
    "Link for “{name}”, good once within a day: {link}",
)
OFF = Text(
    "Вход ещё не включён: задайте SIGN_IN=local и перезапустите приложение.",
    "Sign-in is not switched on yet: set SIGN_IN=local and restart the application.",
)
NOBODY = Text("Учётных записей нет.", "There are no accounts.")
DONE = Text("Готово. Начатые сеансы «{name}» закончены.", "Done. Sessions of “{name}” have ended.")


def add_user(parser: argparse.ArgumentParser) -> None:
    """``user add NAME --role owner``, ``user add NAME --portal-user 7``, ``user reset NAME``, ``disable``, ``enable``, ``change``, ``list``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    roles = [role.value for role in AccountRole]
    for name, summary in (
        ("add", "a new account; prints the link that sets its password"),
        ("change", "another role, or another person of the portal; its sessions end"),
        ("reset", "prints a link that sets a new password; its sessions end, nobody has to wait after failures"),
        ("disable", "nobody signs in with it any more; its sessions end"),
        ("enable", "it can be signed in with again"),
    ):
        action = actions.add_parser(name, help=summary, description=summary)
        action.add_argument("name")
        if name in ("add", "change"):
            action.add_argument(
                "--role", choices=roles, default=AccountRole.STRUCTURE.value if name == "add" else None,
                help="owner: sees and changes everything; structure: what the portal's structure gives the person",
            )  # fmt: skip
            action.add_argument("--portal-user", type=int, metavar="ID", help="number of the person in Bitrix24")
        if name == "reset":
            action.add_argument("--second-factor", action="store_true", help="take the second step away as well")
    actions.add_parser("list", help="all accounts")


def link_of(settings: Settings, token: str) -> str:
    """The address of a one-time link as people reach the application."""
    names = settings.public_hosts.replace(",", " ").split()
    base = f"https://{names[0]}" if names else f"http://127.0.0.1:{settings.port}"
    return f"{base}/reset/{token}"


def run_user(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    _, paths = webhook_and_paths(settings)
    sign_in, lang = sign_in_of(settings, workspace_of(settings, paths)), settings.language
    accounts = sign_in.accounts
    match args.action:
        case "list":
            found = accounts.all()
            for account in found:
                print(_line(account))
            if not found:
                print(NOBODY.of(lang))
        case "add":
            account = accounts.add(args.name, AccountRole(args.role), args.portal_user, who())
            _print_link(settings, sign_in, account)
        case "reset":
            account = accounts.by_name(args.name)
            if args.second_factor:
                sign_in.without_second_factor(account, who())
            _print_link(settings, sign_in, account)
        case "change":
            role = None if args.role is None else AccountRole(args.role)
            account = accounts.change(args.name, who(), role=role, portal_user=args.portal_user)
            print(_line(account))
        case _:
            account = accounts.change(args.name, who(), disabled=args.action == "disable")
            print(DONE.format(name=account.name).of(lang))
    if settings.sign_in == "none":
        print(OFF.of(lang))
    return 0


def _print_link(settings: Settings, sign_in: SignIn, account: Account) -> None:
    print(LINK.format(name=account.name, link=link_of(settings, sign_in.reset(account))).of(settings.language))


def _line(account: Account) -> str:
    """Tab-separated: name, role, number of the person, state, second factor, made when and by whom."""
    state = "disabled" if account.disabled else "active" if account.has_password else "no password yet"
    person = "" if account.portal_user is None else str(account.portal_user)
    second = "second factor" if account.has_totp else ""
    made = f"{account.created_at:%Y-%m-%d}"
    return "\t".join((account.name, account.role.value, person, state, second, made, account.created_by))
