"""The figure of the explorer: four minutes of the row in its fault beside the ledger of the year."""

from matplotlib.figure import Figure

from thermal.explore.answer import Answer
from thermal.plots.figures import end_uses

__all__ = ["figure"]

PLACE = {"left": 0.055, "right": 0.985, "bottom": 0.15, "top": 0.93, "wspace": 0.3}  # a layout found anew costs 0.1 s


def figure(found: Answer) -> Figure:
    """Temperatures over the time of the trip with the limit of the case, and energy by end use.

    Examples
    --------
    >>> from thermal.explore.answer import Choice, answer
    >>> [axes.get_xlabel() for axes in figure(answer(Choice())).axes][0]
    'time [s]'
    """
    drawn = Figure(figsize=(12, 3.6))
    trip, year = drawn.subplots(1, 2)
    drawn.subplots_adjust(**PLACE)
    run = found.trip
    seconds = run.time.values
    trip.plot(seconds, run.T_case.max("rack").values, label="hottest case")
    trip.axhline(float((run.T_case + run.margin).min()), color="k", ls="--", label="limit of the case")
    trip.plot(seconds, run.T_supply.values, label="supply to the racks")
    trip.set(xlabel="time [s]", ylabel="temperature [°C]", ylim=(20, 105))
    trip.legend(loc="upper center", ncols=3, fontsize="small")
    end_uses(found.book, ax=year)
    return drawn
