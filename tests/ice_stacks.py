"""Stack files of 3D-ICE made of their sections, for tests: what each kind of cavity, sink and floorplan looks like."""

from pathlib import Path

SILICON = """material silicon :
   thermal conductivity     1.30e-04 ;
   volumetric heat capacity 1.63566e-12 ;
"""
WATER = "   coolant volumetric heat capacity 4.172638e-12 ;\n   coolant incoming temperature 300.0 ;\n"
POROUS = f"""microchannel 2rm :
   height 100 ; channel length 50 ; wall length 50 ; wall material silicon ;
   coolant flow rate 48.0 ;
   coolant heat transfer coefficient top 4.7132e-8 , bottom 5.7132e-8 ;
{WATER}"""
RESOLVED = f"""microchannel 4rm :
   height 100 ; channel length 50 ; wall length 50 ; first wall length 25 ; last wall length 25 ;
   wall material silicon ;
   coolant flow rate 48.0 ;
   coolant heat transfer coefficient side 2.7132e-08 , top 4.7132e-08 , bottom 5.7132e-08 ;
{WATER}"""
PINS = f"""pinfin :
   height 100 ; pin diameter 50 ; pin pitch 100 ; pin distribution inline ; pin material silicon ;
   darcy velocity 1.1066e+06 ;
{WATER}"""
ALUMINA = """material alumina :
   thermal conductivity 3.6e-05 ;
   volumetric heat capacity 3.03705e-12 ;
"""
SPREADER = """heat sink :
   sink height 2e4, area 1e10, material alumina ;
   spreader height 1e3, area 9e08, material silicon ;
   heat transfer coefficient 10e-08 ;
   ambient temperature 300.0 ;
"""
DIES = """die lower :
   layer 48 silicon ;
   source 2 silicon ;
die upper :
   source 2 silicon ;
   layer 48 silicon ;
"""
TWO = """stack :
   die die2 upper floorplan "upper.flp" ;
   channel channel1 ;
   die die1 lower floorplan "lower.flp" ;
"""
STEADY = "solver :\n   steady ;\n   initial temperature 300.0 ;\n"
TRANSIENT = "solver :\n   transient step 0.002, slot 0.02 ;\n   initial temperature 300.0 ;\n"
ON, OFF = ", ".join(4 * ["{on}"]), ", ".join(4 * ["0.0"])


def pulses(on: float, first: bool = True) -> str:
    """Power on, off and on again, four slots each, or the other way round."""
    high = ON.format(on=on)
    return ", ".join([high, OFF, high] if first else [OFF, high, OFF])


WHOLE = f"background : position 0, 0 ; dimension 10000, 10000 ; power values {pulses(50.0)} ;\n"


def quarters(edge: float = 5000) -> str:
    """Four blocks that meet at one point, two of them of several rectangles."""
    left, right = edge, 10000 - edge
    return f"""one :
   rectangle ( 0, 0, 2000, 3000 ) ; rectangle ( 2000, 0, 2000, 3000 ) ; rectangle ( 4000, 0, {left - 4000}, 3000 ) ;
   rectangle ( 0, 3000, 3000, 2000 ) ; rectangle ( 3000, 3000, {left - 3000}, 2000 ) ;
   power values {pulses(12.5)} ;
two : position {left}, 0 ; dimension {right}, 5000 ; power values {pulses(6.25, False)} ;
three : rectangle ( 0, 5000, {left}, 5000 ) ; power values {pulses(18.75, False)} ;
four :
   rectangle ( {left}, 5000, {7000 - left}, 2000 ) ; rectangle ( 7000, 5000, 1000, 2000 ) ;
   rectangle ( 8000, 5000, 2000, 2000 ) ; rectangle ( {left}, 7000, {8000 - left}, 3000 ) ;
   rectangle ( 8000, 7000, 2000, 1000 ) ; rectangle ( 8000, 8000, 2000, 2000 ) ;
   power values {pulses(12.5)} ;
"""


QUARTERS = quarters()


def sink(side: str, film: float = 1e-7, T: float = 300.0) -> str:
    """A heat sink on one side."""
    return f"{side} heat sink :\n   heat transfer coefficient {film} ;\n   temperature {T} ;\n"


def dimensions(
    length: float = 10000, width: float = 10000, cell: tuple[float, float] = (200, 200), more: str = ""
) -> str:
    """Chip and cells."""
    chip, cells = f"chip length {length}, width {width}", f"cell length {cell[0]}, width {cell[1]}"
    return f"dimensions :\n   {chip} ;\n   {cells} ;\n   {more}\n"


def write(
    folder: Path, *sections: str, upper: str = QUARTERS, lower: str = QUARTERS, asks: str = "", **files: str
) -> Path:
    """Write a stack and its floorplans, and return where it is."""
    for name, text in {
        "upper.flp": upper,
        "lower.flp": lower,
        **{k.replace("_", "."): v for k, v in files.items()},
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "stack.stk"
    path.write_text("".join(sections) + (f"output :\n{asks}" if asks else ""), encoding="utf-8")
    return path
