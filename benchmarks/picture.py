"""The results as one picture: where the time goes, how much memory, and how much longer the obvious ways take."""

from pathlib import Path
from typing import Any

from benchmarks.report import BESIDE, STEPS, WHOLE
from benchmarks.results import MEBIBYTE, MOST_BYTES, Results, Row

# Told apart without colour too: by their order and labels.
COLOURS = {
    "extract": "#c7ddef", "validate": "#9cc3e4", "compare": "#74a8d6", "render": "#f2b36d", "publish": "#9ad0a9",
    "seal": "#5fae78",
}  # fmt: skip
QUICKER, SLOWER = "#4f9d69", "#c05b5b"


def draw(results: Results, file: Path) -> None:
    """Draw it; the file is a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    # The same results give the same bytes.
    with mpl.rc_context(
        {"font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure, (time, memory, ratios) = plt.subplots(
            1, 3, figsize=(15, 5.4), layout="constrained", width_ratios=(5, 4, 5)
        )
        _time(time, results)
        _memory(memory, results)
        _ratios(ratios, results)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=110, metadata={"Software": None})
        plt.close(figure)


def _time(axes: Any, results: Results) -> None:
    """A bar for each size, each step a part of it; Airflow's own below, beside its run."""
    labels = []
    for at, cells in enumerate(results.sizes):
        left = 0.0
        for row in results.of(STEPS, cells):
            axes.barh(at, row.work_seconds, left=left, color=COLOURS[row.name], height=0.55, edgecolor="white")
            if at == len(results.sizes) - 1 and row.work_seconds > 0.04 * _longest(results):
                label = f"{row.name}\n{row.work_seconds:.0f} s"
                axes.text(left + row.work_seconds / 2, at, label, ha="center", va="center", fontsize=8)
            left += row.work_seconds
        axes.text(left, at, f" {left:.0f} s", va="center", fontweight="bold")
        labels.append(f"{cells} cells")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("seconds, one process after the other")
    axes.set_xlim(0, _longest(results) * 1.12)
    axes.set_title("Where the time goes", loc="left", fontweight="bold")
    shares = [f"{row.cells} cells through Airflow: {row.work_seconds:.0f} s, {row.note}"
              for row in results.of(WHOLE) if row.name.startswith("through Airflow") and not row.missing]  # fmt: skip
    axes.text(0, -0.22, "\n".join(shares), transform=axes.transAxes, va="top", fontsize=8)


def _longest(results: Results) -> float:
    return max(sum(row.work_seconds for row in results.of(STEPS, cells)) for cells in results.sizes)


def _memory(axes: Any, results: Results) -> None:
    """The largest process of each step at the largest size, and the limit."""
    cells = results.sizes[-1]
    rows = [row for row in (*results.of(STEPS, cells), *results.of(WHOLE, cells)) if row.peak_bytes]
    rows.reverse()
    peaks = [row.peak_bytes / MEBIBYTE for row in rows]
    limit = MOST_BYTES / MEBIBYTE
    axes.barh(range(len(rows)), peaks, color=[QUICKER if peak <= limit else SLOWER for peak in peaks], height=0.6)
    for at, peak in enumerate(peaks):
        axes.text(peak, at, f" {peak:.0f}", va="center")
    axes.axvline(limit, color="black", linestyle="--", linewidth=1)
    axes.text(limit, len(rows) - 0.4, f"limit {limit:.0f} ", ha="right", va="bottom", fontsize=8)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set_xlabel("MB, largest process")
    axes.set_title(f"Peak memory, {cells} cells", loc="left", fontweight="bold")


def _ratios(axes: Any, results: Results) -> None:
    """How many times as long as ours, on a scale where twice and half are as far from 1."""
    rows: list[Row] = [row for row in results.of(BESIDE) if row.ratio is not None and not row.of_ours]
    rows.reverse()
    ratios = [row.ratio or 1.0 for row in rows]
    axes.barh(range(len(rows)), [ratio - 1 for ratio in ratios], left=1, height=0.6,
              color=[QUICKER if ratio >= 1 else SLOWER for ratio in ratios])  # fmt: skip
    axes.set_xscale("log")
    for at, ratio in enumerate(ratios):
        axes.text(max(ratio, 1.0) * 1.06, at, f"{ratio:.2g}×", va="center", fontsize=8)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(min(0.1, *ratios) * 0.8, max(10.0, *ratios) * 2)
    axes.set_yticks(range(len(rows)), [f"{row.name}, {row.cells}" for row in rows], fontsize=8)
    axes.set_xlabel("× our time (logarithmic); right of 1 ours is quicker")
    axes.set_title("The obvious way beside ours", loc="left", fontweight="bold")
