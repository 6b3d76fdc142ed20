"""Figures that others published, with their sources. They belong in tables of their own.

Their input is video (I3D features) or labels decoded from it, never the true labels, so they may not be compared with
methods that are told the labels; ``ELSEWHERE`` alone was told them. MoC in per cent: alpha 0.2 with the four betas,
then alpha 0.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS
from motionary.evaluation.table import Column, Row, Table

ACTFUSION = "ActFusion (NeurIPS 2024), Table 2"
ACTFUSION_FREE = "ActFusion (NeurIPS 2024), Table 6"
FUTR_README = "README of the FUTR repository, the authors' released checkpoints"
OTHER_CODE = "measured once by other code on the same labels: one seed, last epoch, no tuning"
FEATURES, DECODED, LABELS = "video features", "decoded labels", "true labels"
CELLS = [f"{alpha:.0%}+{beta:.0%}" for alpha in ALPHAS for beta in BETAS]
COLUMNS = [Column(cell, "higher", digits=2) for cell in CELLS]


@dataclass(frozen=True)
class Published:
    """A published row.

    Attributes:
        name: of the method, with where it was published.
        sees: its input.
        figures: eight, as the table gives them.
        source: where they were read.
    """

    name: str
    sees: str
    figures: str
    source: str = ACTFUSION

    @property
    def cells(self) -> dict[str, float]:
        """By column."""
        return dict(zip(CELLS, map(float, self.figures.split()), strict=True))


SALADS = (
    Published("RNN (CVPR 2018)", DECODED, "30.06 25.43 18.74 13.49 30.77 17.19 14.79 9.77"),
    Published("CNN (CVPR 2018)", DECODED, "21.24 19.03 15.98 9.87 29.14 20.14 17.46 10.86"),
    Published("UAAA, mode (ICCVW 2019)", DECODED, "24.86 22.37 19.88 12.82 29.10 20.50 15.28 12.31"),
    Published("Time-Cond. (CVPR 2019)", DECODED, "32.51 27.61 21.26 15.99 35.12 27.05 22.05 15.59"),
    Published("TempAgg (ECCV 2020)", FEATURES, "25.50 19.90 18.20 15.10 30.60 22.50 19.10 11.20"),
    Published("Cycle Cons. (GCPR 2020)", FEATURES, "34.76 28.41 21.82 15.25 34.39 23.70 18.95 15.89"),
    Published("A-ACT (2022)", FEATURES, "35.40 29.60 22.50 16.10 35.70 25.30 20.10 16.30"),
    Published("FUTR (CVPR 2022)", FEATURES, "39.55 27.54 23.31 17.77 35.15 24.86 24.22 15.26"),
    Published("ObjectPrompt (WACV 2024)", FEATURES, "37.40 28.90 24.20 18.10 28.00 24.00 24.30 19.30"),
    Published("ActFusion (NeurIPS 2024)", FEATURES, "39.55 28.60 23.61 19.90 42.80 27.11 23.48 22.07"),
    Published("FUTR, released", FEATURES, "37.01 27.81 22.46 16.75 33.32 23.17 22.14 15.49", FUTR_README),
)
BREAKFAST = (
    Published("RNN (CVPR 2018)", DECODED, "18.11 17.20 15.94 15.81 21.64 20.02 19.73 19.21"),
    Published("CNN (CVPR 2018)", DECODED, "17.90 16.35 15.37 14.54 22.44 20.12 19.69 18.76"),
    Published("UAAA, mode (ICCVW 2019)", DECODED, "16.71 15.40 14.47 14.20 20.73 18.27 18.42 16.86"),
    Published("Time-Cond. (CVPR 2019)", DECODED, "18.41 17.21 16.42 15.84 22.75 20.44 19.64 19.75"),
    Published("TempAgg (ECCV 2020)", FEATURES, "24.20 21.10 20.00 18.10 30.40 26.30 23.80 21.20"),
    Published("Cycle Cons. (GCPR 2020)", FEATURES, "25.88 23.42 22.42 21.54 29.66 27.37 25.58 25.20"),
    Published("A-ACT (2022)", FEATURES, "26.70 24.30 23.20 21.70 30.80 28.30 26.10 25.80"),
    Published("FUTR (CVPR 2022)", FEATURES, "27.70 24.55 22.83 22.04 32.27 29.88 27.49 25.87"),
    Published("ActFusion (NeurIPS 2024)", FEATURES, "28.25 25.52 24.66 23.25 35.79 31.76 29.64 28.78"),
    Published("FUTR, released", FEATURES, "27.71 24.56 22.84 22.05 32.27 29.89 27.49 25.88", FUTR_README),
)
SALADS_FREE = (
    Published("Cycle Cons. (GCPR 2020)", FEATURES, "31.85 28.19 23.98 16.02 26.54 18.36 14.52 10.34", ACTFUSION_FREE),
    Published("FUTR (CVPR 2022)", FEATURES, "32.29 24.49 20.00 13.89 21.52 15.74 11.89 7.48", ACTFUSION_FREE),
    Published("ActFusion (NeurIPS 2024)", FEATURES, "36.32 27.67 23.52 19.87 39.34 24.69 22.28 17.64", ACTFUSION_FREE),
)
BREAKFAST_FREE = (
    Published("Cycle Cons. (GCPR 2020)", FEATURES, "25.65 23.10 21.66 19.73 29.08 25.68 23.00 20.84", ACTFUSION_FREE),
    Published("FUTR (CVPR 2022)", FEATURES, "27.85 24.68 22.91 20.98 32.36 28.96 25.49 23.56", ACTFUSION_FREE),
    Published("ActFusion (NeurIPS 2024)", FEATURES, "27.66 24.69 22.96 22.11 32.93 29.91 29.73 26.50", ACTFUSION_FREE),
)
#: By set: about 0.96 M parameters, a token a segment, two encoder and two decoder layers, 20 learned queries.
ELSEWHERE = {
    "50salads": Published("segment transformer", LABELS, "42.28 31.95 25.16 19.19 38.63 26.05 25.13 18.49", OTHER_CODE),
    "breakfast": Published(
        "segment transformer", LABELS, "59.76 48.71 44.14 41.71 64.51 53.22 47.52 44.69", OTHER_CODE
    ),
}
#: By set and whether the length of the video is unknown.
ROWS: dict[tuple[str, bool], Sequence[Published]] = {
    ("50salads", False): SALADS,
    ("breakfast", False): BREAKFAST,
    ("50salads", True): SALADS_FREE,
    ("breakfast", True): BREAKFAST_FREE,
}


def table(name: str, length_free: bool, videos: int) -> Table | None:
    """What was published on a set; None where nothing is known."""
    rows = ROWS.get((name, length_free))
    if rows is None:
        return None
    made = [
        Row(
            f"{one.name}, {one.sees}",
            one.cells,
            videos,
            bold=False,
        )
        for one in rows
    ]
    sources = "; ".join(dict.fromkeys(one.source for one in rows))
    notes = [
        f"Source: {sources}.",
        "Their input is video (I3D features) or labels decoded from it, their sampling rates differ, and epochs are "
        "often chosen on the test videos. Not comparable with methods that are told the observed labels.",
    ]
    return Table(f"{name}: published, from video", COLUMNS, made, notes)
