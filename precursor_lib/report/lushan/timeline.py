"""Figure 14 of the Lushan case: anomalies that were reported, with who reported them."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn


@dataclass(frozen=True)
class Report:
    """A reported anomaly.

    Attributes
    ----------
    quantity : str
        What was observed.
    key : str
        Of the bibliography.
    authors : str
        Short name of the source.
    said : str
        What the Lushan paper says about its time.
    start, end : str
        Dates that this gives; empty where it gives none.
    """

    quantity: str
    key: str
    authors: str
    said: str
    start: str = ""
    end: str = ""


# The times are those of the Lushan paper's sections 5.2 and 5.3. "About a month before" is drawn
# as 25 to 35 days. The reports themselves were not gone through.
REPORTS = (
    Report("radon and water level", "ye2015radon", "Ye 2015", "before the earthquake"),
    Report(
        "borehole strain, Kangding",
        "zhang2026",
        "the paper",
        "from November 2012; rapid from early March 2013",
        "2012-11-01",
        "2013-04-20",
    ),
    Report(
        "borehole strain, Kangding",
        "chi2023strain",
        "Chi 2023",
        "accelerated from November 2012",
        "2012-11-01",
        "2013-04-20",
    ),
    Report("borehole strain, Xiaomiao", "li2024wavenet", "Li 2024", "three stages"),
    Report(
        "geomagnetic field",
        "zhang2026",
        "the paper",
        "about day -100; days -70 to -20; early April",
        "2013-01-10",
        "2013-04-20",
    ),
    Report(
        "geomagnetic field",
        "yu2024atgm",
        "Yu 2024",
        "as the paper's latter two stages",
        "2013-02-09",
        "2013-04-20",
    ),
    Report("land surface temperature", "zhang2016lst", "Zhang 2016", "before the earthquake"),
    Report("air temperature", "ma2015air", "Ma 2015", "like stages of fracture"),
    Report("latent heat flux", "zhang2025heat", "Zhang 2025", "in the months before"),
    Report(
        "total electron content",
        "shi2019tec",
        "Shi 2019",
        "about one month before",
        "2013-03-16",
        "2013-03-26",
    ),
)


def timeline_table() -> pd.DataFrame:
    """The reports as a table with citations."""
    return pd.DataFrame(
        {
            "quantity": report.quantity,
            "reported by": f"{{cite}}`{report.key}`",
            "time, as the paper has it": report.said,
            "drawn": f"{report.start} to {report.end}" if report.start else "no date",
        }
        for report in REPORTS
    )


@drawn
def timeline(event: str) -> Figure:
    """The reports with dates as bars, and those without as words; see figure 14.

    Parameters
    ----------
    event : str
        Time (UTC) of the mainshock.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.6))
    moment = pd.Timestamp(event)
    for row, report in enumerate(REPORTS):
        if report.start:
            first, last = pd.Timestamp(report.start), pd.Timestamp(report.end)
            days = (first - moment).days, (last - moment).days
            own = report.key == "zhang2026"
            axis.barh(
                row,
                max(days[1] - days[0], 1),
                left=days[0],
                height=0.6,
                color=COLOURS["vermilion"] if own else COLOURS["sky"],
            )
        else:
            axis.text(-176, row, f"no date: {report.said}", va="center", fontsize=8)
    axis.axvline(0, color=COLOURS["black"], linestyle="--", linewidth=1)
    labels = [f"{report.quantity} ({report.authors})" for report in REPORTS]
    axis.set_yticks(range(len(REPORTS)), labels, fontsize=8)
    axis.set_ylim(len(REPORTS) - 0.4, -0.6)
    axis.set_xlim(-180, 10)
    axis.grid(visible=False, axis="y")
    axis.set_xlabel("days from the mainshock")
    return figure
