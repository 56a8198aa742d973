"""`gamekeeper users`. Works on the data folder, whether a server runs or not; a running one learns of it in seconds."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import AsJson, Data, load_settings
from gamekeeper.server.cli.output import WRONG_CALL, fail, say, say_json, table

if TYPE_CHECKING:
    from gamekeeper.server.auth.accounts import Accounts

command = typer.Typer(help="Add, list and revoke accounts.", no_args_is_help=True, add_completion=False)

Username = Annotated[str, typer.Argument(help="The user name.", metavar="NAME")]
ROLES_BY_NAME = {"admin": frozenset({"admin"}), "user": frozenset[str]()}


@command.command()
def add(
    username: Username,
    admin: Annotated[bool, typer.Option("--admin", help="Make it an administrator.")] = False,
    name: Annotated[str | None, typer.Option(help="Display name [default: the user name].", show_default=False)] = None,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password up and print it.")] = False,
    data: Data = None,
) -> None:
    """Add an account. The password is asked for, or read from standard input where that is no terminal."""
    password = _generated() if generate else _ask_password()
    roles = ROLES_BY_NAME["admin" if admin else "user"]
    settings = load_settings(data=data)
    user = offline.run(offline.with_accounts(settings, lambda accounts: accounts.add(username, password, name, roles)))
    say(f"added {user.username}{' (administrator)' if admin else ''}")
    if generate:
        say(f"password: {password}")


def _generated() -> str:
    from secrets import token_urlsafe

    return token_urlsafe(12)


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    password = getpass("Password: ")
    if getpass("Again: ") != password:
        fail("these were two different passwords", WRONG_CALL)
    return password


@command.command("list")
def list_users(data: Data = None, as_json: AsJson = False) -> None:
    """Every account; guests are not listed."""
    found = offline.run(offline.with_accounts(load_settings(data=data), _all))
    if as_json:
        say_json(found)
    else:
        table(["username", "name", "roles", "created", "disabled"], found)


async def _all(accounts: "Accounts") -> list[dict[str, Any]]:
    from datetime import UTC, datetime

    rows: list[dict[str, Any]] = []
    while users := await accounts.all(after=rows[-1]["username"] if rows else ""):
        rows += [
            {
                "username": user.username,
                "name": user.name,
                "roles": " ".join(sorted(user.roles)),
                "created": datetime.fromtimestamp(user.created_at, UTC).isoformat(timespec="seconds"),
                "disabled": user.disabled_at is not None,
                "id": user.id,
            }
            for user in users
        ]
    return rows


@command.command("set-role")
def set_role(
    username: Username, role: Annotated[str, typer.Argument(help="admin or user.")], data: Data = None
) -> None:
    """Say what an account may do. Its open sockets close; it need not sign in again."""
    if role not in ROLES_BY_NAME:
        fail(f"a role is one of {', '.join(ROLES_BY_NAME)}", WRONG_CALL)

    async def change(accounts: "Accounts") -> None:
        await accounts.set_roles(await accounts.find(username), ROLES_BY_NAME[role])

    offline.run(offline.with_accounts(load_settings(data=data), change))
    say(f"{username} is now {role}")


@command.command()
def revoke(
    username: Username,
    disable: Annotated[bool, typer.Option("--disable", help="Also never let it sign in again.")] = False,
    data: Data = None,
) -> None:
    """End all logins of an account; its open sockets close."""

    async def end(accounts: "Accounts") -> None:
        await accounts.revoke(await accounts.find(username), disable=disable)

    offline.run(offline.with_accounts(load_settings(data=data), end))
    say(f"{username} is signed out everywhere{' and disabled' if disable else ''}")


@command.command()
def restore(username: Username, data: Data = None) -> None:
    """Let a disabled account sign in again."""

    async def back(accounts: "Accounts") -> None:
        await accounts.restore(await accounts.find(username))

    offline.run(offline.with_accounts(load_settings(data=data), back))
    say(f"{username} may sign in again")
