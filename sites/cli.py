"""The command ``caifs``."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer

from adapters.database.newer import DatabaseNewer
from adapters.database.unreachable import DatabaseUnreachable, DatabaseUnusable
from adapters.identity.errors import SealLost
from sites.child_commands import region, site
from sites.keys_commands import keys
from sites.occupancy import StateInUse
from sites.quarantine_commands import quarantine
from sites.reference_commands import reference
from sites.settings import Role, SettingsInvalid

PersonRole = Literal["officer", "analyst", "administrator", "auditor"]

app = typer.Typer(help="Open border-service platform.", no_args_is_help=True, add_completion=False)

app.add_typer(site, name="site")
app.add_typer(region, name="region")
app.add_typer(keys, name="keys")
app.add_typer(quarantine, name="quarantine")
app.add_typer(reference, name="reference")


@app.command()
def central() -> None:
    """Run the centre: holds everything, owns the watchlist."""
    from sites.central import run  # noqa: PLC0415 - each role loads only what it needs

    run()


@app.command()
def sdl() -> None:
    """Write each role's GraphQL schema into the tree."""
    from api.schema import write_sdl  # noqa: PLC0415 - as above

    write_sdl()


@app.command()
def demo(
    seconds: Annotated[
        float | None, typer.Option("--for", min=1, help="Seconds of traffic; else until Ctrl-C.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Folder to keep everything in; else a temporary one.")] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="Vehicles a second; 0.026 is a real day's pace.")] = 4,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but the summary, as JSON.")] = False,
) -> None:
    """Run centre, a region and two sites on this machine, with simulated traffic.

    The nodes bring their own servers: CAIFS_DATABASE_URL and CAIFS_NATS_URL are of one node each, and not used here.
    """
    from sites.demo.command import Wish, perform  # noqa: PLC0415 - as above

    raise typer.Exit(perform(Wish(seconds=seconds, state=state, rate=rate), as_json=as_json))


@app.command()
def day(
    name: Annotated[Literal["malaszewicze", "koroszczyn"], typer.Argument(help="Of which place.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
    vehicles: Annotated[int, typer.Option(min=20, max=2400, help="Lorries in the terminal of Koroszczyn.")] = 60,
) -> None:
    """Print a day: simulated traffic with planted anomalies through real nodes, judged by what the centre tells.

    Exit code 0: all that was planted was found, and nothing else; 1: not so.
    """
    from sites.days.command import perform  # noqa: PLC0415 - as above

    raise typer.Exit(perform(name, seed, vehicles))


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def chaos(context: typer.Context) -> None:
    """Harm real nodes as a seed says, and check that nothing is lost; needs the source tree (--help tells more)."""
    try:
        command = import_module("tests.chaos.command")
    except ModuleNotFoundError as missing:
        typer.echo(f"caifs chaos needs the source tree with its development tools: {missing}", err=True)
        raise typer.Exit(2) from missing
    command.app(context.args, prog_name=context.command_path)


@app.command()
def status(
    state: Annotated[Path, typer.Option(envvar="CAIFS_STATE", exists=True, file_okay=False, help="Its state folder.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node says, as JSON.")] = False,
) -> None:
    """Show how a node of this machine, its neighbours and its logs are.

    Exit code 0: nothing is wrong; 1: something is; 2: the node does not answer.
    """
    from rich.console import Console  # noqa: PLC0415 - as above

    from sites.status import perform  # noqa: PLC0415 - as above

    raise typer.Exit(perform(state, Console(), as_json=as_json))


@app.command()
def verify(
    state: Annotated[Path, typer.Option(envvar="CAIFS_STATE", exists=True, file_okay=False, help="Its state folder.")],
    other: Annotated[str | None, typer.Option("--with", help="URL of another node; else the parent.")] = None,
    token: Annotated[str | None, typer.Option(envvar="CAIFS_TOKEN", help="For the other node: an auditor's.")] = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what is wrong here; not with --with.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found, as JSON.")] = False,
) -> None:
    """Compare a node of this machine with its parent, or with any other node, and name each difference.

    Exit code 0: equal, or made so; 1: they differ; 2: they could not be compared.
    """
    from rich.console import Console  # noqa: PLC0415 - as above

    from sites.verify import perform  # noqa: PLC0415 - as above

    if other is not None and repair:
        raise typer.BadParameter("a node repairs itself from its parent alone", param_hint="--repair")
    raise typer.Exit(perform(state, Console(), other=other, token=token, repair=repair, as_json=as_json))


@app.command()
def users(role: Annotated[Role, typer.Argument(help="What the node is.")]) -> None:
    """Print the users of the operator's nats-server, for its configuration; secrets in it.

    The node's own settings name them: CAIFS_NATS_URL the node itself, CAIFS_CHILDREN its children.
    """
    from sites.settings import read  # noqa: PLC0415 - as above
    from sites.users import operators_configuration  # noqa: PLC0415 - as above

    typer.echo(operators_configuration(read(role)))


@app.command("child-secret")
def child_secret(
    role: Annotated[Role, typer.Argument(help="What the node, the parent, is.")],
    child: Annotated[str, typer.Argument(help="Code of the child.")],
) -> None:
    """Print what a child in CAIFS_CHILDREN shows to this node's nats-server."""
    from sites.settings import read  # noqa: PLC0415 - as above
    from sites.users import secret_of  # noqa: PLC0415 - as above

    typer.echo(secret_of(read(role), child))


@app.command()
def token(
    role: Annotated[PersonRole, typer.Argument(help="What the bearer may do.")],
    node: Annotated[str, typer.Option(envvar="CAIFS_NODE", help="Code of the node.")],
    state: Annotated[Path, typer.Option(envvar="CAIFS_STATE", exists=True, file_okay=False, help="Its state folder.")],
    name: Annotated[str, typer.Option(help="Who bears it.")] = "development",
    hours: Annotated[float, typer.Option(min=0.01, max=168, help="How long it lasts.")] = 8,
) -> None:
    """Print a token of the built-in issuer of a node of this machine."""
    from sites.tokens import KeyUnfit, mint  # noqa: PLC0415 - as above

    try:
        typer.echo(mint(node, state, name, role, timedelta(hours=hours)))
    except KeyUnfit as fault:
        raise typer.BadParameter(str(fault), param_hint="--state") from fault


def main() -> None:
    """Run the command; what keeps a node from starting is told without a trace."""
    try:
        app()
    except SettingsInvalid as problems:
        typer.echo(f"The settings do not describe a node:\n{problems}", err=True)
        raise SystemExit(2) from problems
    except (StateInUse, DatabaseNewer, DatabaseUnreachable, DatabaseUnusable, SealLost) as refusal:
        typer.echo(str(refusal), err=True)
        raise SystemExit(2) from refusal


if __name__ == "__main__":
    main()
