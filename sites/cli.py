"""The command ``caifs``."""

import typer

from sites.settings import SettingsInvalid

app = typer.Typer(help="Open border-service platform.", no_args_is_help=True, add_completion=False)


@app.command()
def site() -> None:
    """Run a site: registers, matches and alarms, alone if it must."""
    from sites.site import run  # noqa: PLC0415 - each role loads only what it needs

    run()


@app.command()
def region() -> None:
    """Run a region: holds its sites' data and passes it on."""
    from sites.region import run  # noqa: PLC0415 - as above

    run()


@app.command()
def central() -> None:
    """Run the centre: holds everything, owns the watchlist."""
    from sites.central import run  # noqa: PLC0415 - as above

    run()


@app.command()
def sdl() -> None:
    """Write each role's GraphQL schema into the tree."""
    from api.schema import write_sdl  # noqa: PLC0415 - as above

    write_sdl()


def main() -> None:
    """Run the command; settings that make no sense are told without a trace."""
    try:
        app()
    except SettingsInvalid as problems:
        typer.echo(f"The settings do not describe a node:\n{problems}", err=True)
        raise SystemExit(2) from problems


if __name__ == "__main__":
    main()
