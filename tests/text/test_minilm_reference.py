"""The int8 file, read and computed by our own code, against numbers of the fp32 model in transformers."""

from __future__ import annotations

import numpy as np

from motionary import text

SENTENCE = "a tired person walks forward and turns left"
# First six numbers of the states of [CLS], "tired" and [SEP], from sentence-transformers/all-MiniLM-L6-v2 in fp32.
REFERENCE = np.array(
    [
        [-0.161, 0.470, 0.114, 0.394, 0.080, -0.064],
        [0.284, 0.663, 0.440, 1.308, 0.930, -0.016],
        [0.120, 0.291, -0.060, 0.647, 0.177, 0.204],
    ]
)
# Lengths of all ten states.
NORMS = np.array([7.35, 7.30, 12.14, 10.00, 12.04, 8.17, 5.52, 7.95, 5.58, 6.69])


def test_states_are_those_of_the_model():
    states, mask = text.load("minilm").encode([SENTENCE])
    assert mask.all()
    assert np.abs(states[0, [0, 2, -1], :6] - REFERENCE).max() < 0.05
    assert np.abs(np.linalg.norm(states[0], axis=1) - NORMS).max() < 0.15


def test_padding_changes_nothing():
    encoder = text.load("minilm")
    alone, _ = encoder.encode([SENTENCE])
    states, mask = encoder.encode([SENTENCE, f"{SENTENCE}, then {SENTENCE} again"])
    np.testing.assert_allclose(states[0][mask[0]], alone[0], atol=1e-5)
