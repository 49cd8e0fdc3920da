"""The results as pictures: where the time goes, memory, the obvious ways beside ours, and publishing over a network."""

from pathlib import Path
from typing import Any

from benchmarks.results import BESIDE, MEGABYTE, MOST_BYTES, NETWORK, STEPS, WHOLE, Results, Row

OURS, AIRFLOWS = "ours, all steps", "Airflow's own"
# Told apart without colour too: by their order.
COLOURS = {
    "extract": "#c7ddef", "validate": "#9cc3e4", "compare": "#74a8d6", "render": "#f2b36d", "publish": "#9ad0a9",
    "seal": "#5fae78", OURS: "#4c78a8", AIRFLOWS: "#a0a0a0",
}  # fmt: skip
QUICKER, SLOWER = "#4f9d69", "#c05b5b"


# The same results give the same bytes.
STYLE: Any = {"font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}


def draw(results: Results, file: Path) -> None:
    """Draw steps, memory and obvious ways; the file is a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context(STYLE):
        figure, (time, memory, ratios) = plt.subplots(
            1, 3, figsize=(15, 5.4), layout="constrained", width_ratios=(5, 4, 5)
        )
        _time(time, results)
        _memory(memory, results)
        _ratios(ratios, results)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=110, metadata={"Software": None})
        plt.close(figure)


def draw_network(results: Results, file: Path) -> None:
    """Draw publishing over a network; the file is a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
        _rates(axes, [row for row in results.of(NETWORK) if not row.missing])
        figure.savefig(file, dpi=110, metadata={"Software": None})
        plt.close(figure)


def _time(axes: Any, results: Results) -> None:
    """Milliseconds a cell, so that sizes compare: each step a part; through Airflow, its own share beside ours."""
    bars = []
    for cells in results.sizes:
        bars.append((f"{cells} cells", [(row.name, row.work_seconds) for row in results.of(STEPS, cells)], cells))
        for row in results.of(WHOLE, cells):
            if row.airflow_seconds:
                parts = [(OURS, row.work_seconds - row.airflow_seconds), (AIRFLOWS, row.airflow_seconds)]
                bars.append((f"{cells} cells,\nthrough Airflow", parts, cells))
    bars.reverse()
    named: set[str] = set()
    for at, (_, parts, cells) in enumerate(bars):
        left = 0.0
        for name, seconds in parts:
            width = 1000 * seconds / cells
            label = None if name in named else name
            axes.barh(at, width, left=left, height=0.6, color=COLOURS[name], edgecolor="white", label=label)
            named.add(name)
            left += width
        axes.text(left, at, f" {sum(seconds for _, seconds in parts):.0f} s", va="center", fontweight="bold")
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars])
    axes.margins(x=0.12)
    axes.set_xlabel("milliseconds a cell (bold: seconds in all)")
    axes.set_title("Where the time goes", loc="left", fontweight="bold")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False, fontsize=8)


def _memory(axes: Any, results: Results) -> None:
    """The largest process of each step at the largest size, and the limit."""
    cells = results.sizes[-1]
    rows = [row for row in (*results.of(STEPS, cells), *results.of(WHOLE, cells)) if row.peak_bytes]
    rows.reverse()
    peaks = [row.peak_bytes / MEGABYTE for row in rows]
    limit = MOST_BYTES / MEGABYTE
    axes.barh(range(len(rows)), peaks, color=[QUICKER if peak <= limit else SLOWER for peak in peaks], height=0.6)
    for at, peak in enumerate(peaks):
        axes.text(peak, at, f" {peak:.0f}", va="center")
    axes.axvline(limit, color="black", linestyle="--", linewidth=1)
    axes.set_xlim(0, max(limit, *peaks) * 1.18)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set_xlabel(f"MB, largest process (dashed: the limit, {limit:.0f})")
    axes.set_title(f"Peak memory, {cells} cells", loc="left", fontweight="bold")


def _ratios(axes: Any, results: Results) -> None:
    """How many times as long as ours, on a scale where twice and half are as far from 1."""
    rows: list[Row] = [row for row in results.of(BESIDE) if row.ratio is not None and not row.of_ours]
    rows.reverse()
    ratios = [row.ratio or 1.0 for row in rows]
    axes.barh(range(len(rows)), [ratio - 1 for ratio in ratios], left=1, height=0.6,
              color=[QUICKER if ratio >= 1 else SLOWER for ratio in ratios])  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    for at, ratio in enumerate(ratios):
        axes.text(max(ratio, 1.0) * 1.06, at, f"{ratio:.2g}×", va="center", fontsize=8)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(min(0.1, *ratios) * 0.8, max(10.0, *ratios) * 2)
    axes.set_yticks(range(len(rows)), [f"{row.name}, {row.cells}" for row in rows], fontsize=8)
    axes.set_xlabel("× our time; right of 1 (green): ours is quicker")
    axes.set_title("The obvious way beside ours", loc="left", fontweight="bold")


def _rates(axes: Any, rows: list[Row]) -> None:
    """Files a second of each way, from no delay to the longest, on a scale where twice is as far everywhere."""
    delays = sorted({row.round_trip_ms for row in rows})
    # Marks tell them apart without colour; ours are drawn through.
    for mark, name in zip("osD^vx+*12", dict.fromkeys(row.name for row in rows), strict=False):
        of_way = {row.round_trip_ms: row for row in rows if row.name == name}
        at = [place for place, delay in enumerate(delays) if delay in of_way]
        ours = next(iter(of_way.values())).of_ours
        rates = [of_way[delays[place]].files_a_second for place in at]
        axes.plot(at, rates, marker=mark, linestyle="-" if ours else "--", linewidth=1.6 if ours else 1, label=name)
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(range(len(delays)), [f"{delay:g} ms" if delay else "no delay" for delay in delays])
    axes.set_xlabel("round trip")
    axes.set_ylabel("files a second, 60 kB each")
    axes.set_title("Publishing over a network", loc="left", fontweight="bold")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, fontsize=8)
