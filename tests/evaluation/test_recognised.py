"""R-precision, MM-distance and Fréchet distance with an evaluator whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.evaluation.recognised import recognised
from motions import stand

CAPTIONS = [f"caption {number}" for number in range(32)]


class Known:
    """Sentence k is axis k; a motion is the axis that it says, leaning a little to the next one."""

    def text(self, texts):
        return np.eye(32, dtype=np.float32)[[int(one.split()[-1]) for one in texts]]

    def motion(self, motions):
        return np.stack([np.asarray(motion.meta["vector"], np.float32) for motion in motions])


def made(axes, lean=0.0):
    body = stand(0.5)
    vectors = np.eye(32)[axes] * np.sqrt(1 - lean**2) + np.eye(32)[(np.asarray(axes) + 1) % 32] * lean
    return [replace(body, meta={"vector": vector}) for vector in vectors]


def test_figures():
    right = list(range(32))
    swapped = [1, 0, *range(2, 32)]
    systems = {
        "recording": made(right),
        "right twice": made(right) * 2,
        "two swapped": made(swapped),
        "leaning": made(right, 0.6),
    }
    table = recognised("Recognised", CAPTIONS, [f"family {k}" for k in right], systems, {"known": Known()})
    rows = {row.name: row for row in table.rows}
    assert rows["recording"].cells["R@1, known"].mean == 100
    assert "Fréchet, known" not in rows["recording"].cells
    assert rows["right twice"].cells["Fréchet, known"] == pytest.approx(0, abs=1e-6)
    assert list(rows["right twice"].seeds) == [0, 1]
    assert rows["two swapped"].cells["R@1, known"].mean == pytest.approx(100 * 30 / 32)
    assert rows["two swapped"].cells["MM-distance, known"].mean == pytest.approx(2 * np.sqrt(2) / 32, abs=1e-6)
    assert rows["leaning"].cells["R@1, known"].mean == 100
    assert rows["leaning"].cells["MM-distance, known"].mean == pytest.approx(np.sqrt(2 - 2 * 0.8), abs=1e-6)
    assert rows["leaning"].cells["Fréchet, known"] > 1e-3


def test_few_clips_have_no_pools():
    table = recognised("Recognised", CAPTIONS[:3], list("abc"), {"recording": made([0, 1, 2])}, {"known": Known()})
    assert set(table.rows[0].cells) == {"MM-distance, known"}
