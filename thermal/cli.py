"""The command line: the demo, the model library, the reference data and the validation table."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from thermal.errors import ThermalError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def demo(
    frontier: Annotated[
        bool, typer.Option("--frontier", help="The real Frontier day from the reference data.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and write no files.")] = False,
    out: Annotated[Path, typer.Option(help="Directory for demo.nc and demo.png.")] = Path("out"),
) -> None:
    """Simulate a day of a warm-water AI pod and a year of its plant, and report."""
    from thermal import demo as job

    if not as_json:
        job.require_directory(out)
    report = job.frontier() if frontier else job.pod()
    if as_json:
        typer.echo(job.to_json(report))
        return
    typer.echo(job.text(report))
    data, picture = job.write(report, out)
    typer.echo(f"\n  wrote {data} and {picture}")


@app.command()
def models(
    name: Annotated[str | None, typer.Argument(help="Such as racks/gb200_nvl72.")] = None,
    root: Annotated[Path | None, typer.Option(help="Directory of your own models.")] = None,
) -> None:
    """List the models, or print one with the source of every number."""
    from thermal import library

    if name is not None:
        typer.echo(library.show(name, root))
        return
    for each in library.models(root=root):
        typer.echo(f"{each:36s} {library.read(each, root).title}")


@app.command()
def data() -> None:
    """List the reference datasets and say which are at hand."""
    from thermal import datasets
    from thermal.errors import DataError

    for name in datasets.names():
        try:
            datasets.path(name)
            typer.echo(f"  here     {name}")
        except DataError:
            typer.echo(f"  missing  {name}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def validate(context: typer.Context) -> None:
    """Compare with measured data and independent programs; exits 1 where a limit is broken (needs a checkout)."""
    root = Path(__file__).parent.parent
    if not (root / "validation" / "run.py").is_file():
        raise typer.Exit(
            _fail("validation runs in a source checkout, next to its cases: git clone, then make validate")
        )
    sys.path.insert(0, str(root))
    from validation import run

    raise typer.Exit(run.main(context.args))


def main() -> None:
    """Run the command line; errors made on purpose are one line, not a traceback."""
    try:
        app()
    except ThermalError as error:
        sys.exit(_fail(str(error)))


def _fail(message: str) -> int:
    typer.echo(f"thermal: {message}", err=True)
    return 1
