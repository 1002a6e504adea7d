"""The command line: the demo, quick answers, the model library and its upkeep, reference data and validation."""

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import thermal
from thermal.errors import InputError, ThermalError

__all__ = ["app", "main"]

INTERRUPTED = 130  # exit code, as shells have it
COLLECT_AFTER = 100_000  # new objects: imports make half a million that stay, and each search goes through all of them

app = typer.Typer(
    help="Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.",
    epilog="Exit codes: 0 done; 1 something is wrong, in one line; 2 the command is misspelt; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

cache = typer.Typer(help="The compiled solvers: path, warm or clear.", no_args_is_help=True)
app.add_typer(cache, name="cache")

fmu = typer.Typer(help="Co-simulation units (FMI 2.0 and 3.0) of loops and sites.", no_args_is_help=True)
app.add_typer(fmu, name="fmu")


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
    failures: Annotated[
        bool, typer.Option("--failures", help="The N-1 table of the row too: seconds to the limit after each failure.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and write no files.")] = False,
    out: Annotated[Path, typer.Option(help="Directory for demo.nc and demo.png.")] = Path("out"),
) -> None:
    """Simulate a day of a warm-water AI pod and a year of its plant, and report."""
    if frontier and failures:
        raise InputError("--failures is of the row of the usual demo; leave --frontier out")
    from thermal.cli.kernels import year_beside

    with contextlib.nullcontext() if frontier else year_beside():  # before all else is imported
        from thermal import demo as job

        if not as_json:
            job.require_directory(out)
        report = job.frontier() if frontier else job.pod(failures)
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


@app.command(epilog="Example: thermal new rack mine --root models")
def new(
    kind: Annotated[str, typer.Argument(help="Such as rack, cdu or pump.")],
    name: Annotated[str, typer.Argument(help="Such as mine, or racks/mine.")],
    root: Annotated[Path, typer.Option(help="Directory of your own models.")] = Path(),
) -> None:
    """Write a model file to fill in: every field with unit, range and meaning."""
    from thermal.cli.draft import BLANK, write_draft

    path = write_draft(kind, name, root)
    typer.echo(f'{path}: write over each "{BLANK}", then run: thermal check {root}')


@app.command(epilog="Example: thermal check models")
def check(folder: Annotated[Path, typer.Argument(help="Directory of your own models.")]) -> None:
    """Name every fault of the model files in a folder; exits 1 if there is one."""
    from thermal.cli.faults import faults

    count, found = faults(folder)
    for line in found:
        typer.echo(" ".join(line.split()))
    if found:
        raise typer.Exit(_fail(f"{len(found)} faults in {count} model files of {folder}"))
    typer.echo(f"{count} model files of {folder} are in order")


PartName = Annotated[str, typer.Argument(help="Model, such as loops/gb200_row; thermal models lists them.")]
Root = Annotated[Path | None, typer.Option(help="Directory of your own models.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, in SI and °C.")]
Out = Annotated[Path | None, typer.Option(help="Also write the whole result to this netCDF file.")]


@app.command(
    epilog="Example: thermal steady loops/gb200_row --heat 120kW --facility 26; "
    "thermal steady cold_plates/ocp_1kw --heat 1kW --flow 1L/min --t-in 40 --package packages/gb200_gpu"
)
def steady(
    part: PartName,
    heat: Annotated[str | None, typer.Option(help="Of each rack, or of a plate: 120kW.")] = None,
    facility: Annotated[str | None, typer.Option(help="Facility water in °C: 26; or a plant's model.")] = None,
    facility_flow: Annotated[str | None, typer.Option(help="Facility water on offer: 1900L/min.")] = None,
    coolant: Annotated[str | None, typer.Option(help="Of a plate, a model.")] = None,
    package: Annotated[str | None, typer.Option(help="Under a plate, a model.")] = None,
    flow: Annotated[str | None, typer.Option(help="Into a plate: 1.2L/min.")] = None,
    t_in: Annotated[str | None, typer.Option(help="Coolant into a plate, in °C.")] = None,
    weather: Annotated[str | None, typer.Option(help="Wet bulb before a tower plant, in °C.")] = None,
    root: Root = None,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """One operating point of a row, a site or a cold plate."""
    from thermal.cli import ask

    given = (heat, facility, facility_flow, coolant, package, flow, t_in, weather)
    _answer(part, lambda: ask.steady(ask.named(part, root), root, *given), as_json, out)


@app.command(
    epilog="Example: thermal transient loops/gb200_row --heat 120kW --facility 26 --until 30min --trip 10min; "
    "thermal transient sites/frontier --heat 250kW --weather 18 --until 2h"
)
def transient(
    part: PartName,
    heat: Annotated[str | None, typer.Option(help="Of each rack, constant: 120kW.")] = None,
    facility: Annotated[str | None, typer.Option(help="Facility water in °C: 26; or a plant's model.")] = None,
    facility_flow: Annotated[str | None, typer.Option(help="Facility water on offer: 1900L/min.")] = None,
    weather: Annotated[
        str | None, typer.Option(help="A wet bulb in °C, a climate of the library, or an EPW file.")
    ] = None,
    until: Annotated[str, typer.Option(help="Length.")] = "1h",
    step: Annotated[str, typer.Option(help="Longest time step.")] = "5s",
    save: Annotated[str | None, typer.Option(help="Interval of the result.")] = None,
    trip: Annotated[str | None, typer.Option(help="When one pump of the CDU stops: 10min.")] = None,
    root: Root = None,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """A row or a site in time, from rest under constant heat; least and most of each variable."""
    from thermal.cli import ask

    given = (heat, facility, facility_flow, weather, until, step, save, trip)
    _answer(part, lambda: ask.transient(ask.named(part, root), root, *given), as_json, out)


@app.command(
    epilog="Example: thermal annual sites/generic_20mw --weather climates/chicago; "
    "thermal annual plants/generic_20mw --it-power 20MW --facility 26 --weather golden.epw"
)
def annual(
    part: PartName,
    weather: Annotated[str, typer.Option(help="A climate of the library (synthetic), a place, or an .epw file.")],
    it_power: Annotated[str | None, typer.Option(help="Power of the IT equipment: 20MW.")] = None,
    facility: Annotated[str | None, typer.Option(help="Set point of the facility water in °C.")] = None,
    root: Root = None,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """A year of a site or a plant: PUE, WUE, energy by end use, hours of free cooling."""
    from thermal.cli import ask

    if out is not None:
        ask.require_netcdf(out)
    year, book = ask.annual(ask.named(part, root), root, weather, it_power, facility)
    if out is not None:
        ask.write(year, out)
    answer = ask.point(year, book)
    typer.echo(ask.as_json(answer) if as_json else ask.lines(f"{part}, {year.attrs['weather']}", answer, []))


@fmu.command(
    "build",
    epilog="Example: thermal fmu build loops/gb200_row --facility 26 --step 15s; "
    "thermal fmu build sites/frontier --profile raps --out frontier.fmu",
)
def fmu_build(
    part: PartName,
    out: Annotated[Path | None, typer.Option(help="File to write; by default the model's name with .fmu.")] = None,
    facility: Annotated[str | None, typer.Option(help="Facility water in °C: 26; or a plant's model.")] = None,
    facility_flow: Annotated[str | None, typer.Option(help="Facility water on offer: 1900L/min.")] = None,
    step: Annotated[str, typer.Option(help="Of the master, the only one that the unit takes.")] = "15s",
    profile: Annotated[str | None, typer.Option(help="Names as another program asks for them: raps.")] = None,
    output: Annotated[list[str] | None, typer.Option(help="A variable of the result; may be repeated.")] = None,
    fmi: Annotated[int, typer.Option(help="Version of FMI: 2 or 3.")] = 2,
    root: Root = None,
) -> None:
    """Write a row or a site as a co-simulation unit (needs thermal-toolkit[fmi])."""
    from thermal.cli import ask

    target = Path(f"{part.removesuffix('.toml').rpartition('/')[2]}.fmu") if out is None else out
    given = (facility, facility_flow, step, profile, output or [], fmi)
    path, assumed = ask.export(ask.named(part, root), root, target, *given)
    typer.echo("\n".join([f"wrote {path}", *(f"  assumed {text}" for text in assumed)]))


@cache.command("path")
def cache_path() -> None:
    """Print the directory of the compiled solvers (THERMAL_CACHE_DIR moves it)."""
    from thermal.cli import kernels

    typer.echo(kernels.root_of())


@cache.command("warm")
def cache_warm() -> None:
    """Compile the solvers now, so that the first study need not wait."""
    from thermal.cli import kernels

    kernels.warm()
    count, size = kernels.size_of(kernels.root_of())
    typer.echo(f"{count} files, {size / 1e6:.1f} MB in {kernels.root_of()}")


@cache.command("clear")
def cache_clear() -> None:
    """Remove the compiled solvers; they are compiled again when needed."""
    from thermal.cli import kernels

    count, size = kernels.clear()
    typer.echo(f"removed {count} files, {size / 1e6:.1f} MB from {kernels.root_of()}")


@app.command()
def data() -> None:
    """List the reference datasets and say which are at hand."""
    from thermal import datasets

    for name in datasets.names():
        typer.echo(f"  {datasets.state(name):12s} {name}")
    typer.echo("  (THERMAL_DATA names the folder that holds the data; 'on the net' is fetched at first use)", err=True)


@app.command(epilog="Example: thermal explore --port 2718")
def explore(
    port: Annotated[int, typer.Option(help="Of the page on this machine.")] = 2718,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser.")] = False,
) -> None:
    """Sliders for a row and its site in a browser (needs thermal-toolkit[explore]); Ctrl-C ends it."""
    from thermal.explore.serve import serve

    raise typer.Exit(serve(port, headless, typer.echo))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def validate(context: typer.Context) -> None:
    """Compare with measured data and independent programs; exits 1 where a limit is broken (needs a checkout)."""
    root = Path(__file__).parents[2]
    if not (root / "validation" / "run.py").is_file():
        raise typer.Exit(
            _fail("validation runs in a source checkout, next to its cases: git clone, then make validate")
        )
    sys.path.insert(0, str(root))
    from validation import run

    raise typer.Exit(run.main(context.args))


def main() -> None:
    """Run the command line; what goes wrong is one line: exit code 1, for a command misspelt 2, interrupted 130."""
    gc.set_threshold(COLLECT_AFTER)
    atexit.register(gc.freeze)  # the system takes back what is left at once; the interpreter would search it all again
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


def _answer(part: str, run: Callable[[], Any], as_json: bool, out: Path | None) -> None:
    """Refuse an output that cannot be written before the solve, solve, write, and say what came of it."""
    from thermal.cli import ask

    if out is not None:
        ask.require_netcdf(out)
    result, assumed = run()
    if out is not None:
        ask.write(result, out)
    typer.echo(ask.as_json(result) if as_json else ask.lines(part, result, assumed))


def _fail(message: str, code: int = 1) -> int:
    """Say what went wrong in one line on standard error."""
    typer.echo(f"thermal: {' '.join(message.split())}", err=True)
    return code
