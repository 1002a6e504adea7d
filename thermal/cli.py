"""The command line: the demo, the model library, the reference data and the validation table."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import thermal
from thermal.errors import ThermalError

__all__ = ["app", "main"]

INTERRUPTED = 130  # exit code, as shells have it

app = typer.Typer(
    help="Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"thermal {thermal.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Liquid cooling of AI data centres, from the die to the sky and from watts to tokens."""


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

    for name in datasets.names():
        typer.echo(f"  {datasets.state(name):12s} {name}")
    typer.echo("  (THERMAL_DATA names the folder that holds the data; 'on the net' is fetched at first use)", err=True)


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
    """Run the command line; what goes wrong is one line: exit code 1, for a command misspelt 2, interrupted 130."""
    try:
        code = app(standalone_mode=False) or 0
        sys.exit(_fail("interrupted", code) if code == INTERRUPTED else code)
    except ThermalError as error:
        sys.exit(_fail(str(error)))
    except KeyboardInterrupt:
        sys.exit(_fail("interrupted", INTERRUPTED))
    except BrokenPipeError:  # who read us has gone, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        sys.exit(_fail(f"{what}{error.strerror or error}; mend it and run again"))
    except Exception as error:  # a usage error of the command line, by its form: typer has its own copy of click
        if not hasattr(error, "format_message") or not hasattr(error, "exit_code"):
            if type(error).__name__ == "Abort":
                sys.exit(_fail("interrupted", INTERRUPTED))
            raise
        message = error.format_message() or "needs a command"
        sys.exit(_fail(f"{message.rstrip('.')}; thermal --help says what there is", error.exit_code))


def _fail(message: str, code: int = 1) -> int:
    """Say what went wrong in one line on standard error."""
    typer.echo(f"thermal: {' '.join(message.split())}", err=True)
    return code
