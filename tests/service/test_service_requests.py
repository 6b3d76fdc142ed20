"""Every field at, below and above its bounds; text of all kinds; JSON that is none (T6, T7)."""

from __future__ import annotations

import json
import time

import pytest
from pydantic import ValidationError

from motionary.service.tasks import FORMS, TASKS

ID = "0" * 32
GOOD = {
    "generate": {"prompt": "walk"},
    "sequence": {"segments": [{"prompt": "walk"}]},
    "gesture": {"audio": f"upload:{ID}"},
    "follow": {"audio": f"upload:{ID}"},
    "edit": {"motion": f"job:{ID}/0"},
    "describe": {"motion": f"upload:{ID}"},
    "emotion": {"motion": f"upload:{ID}"},
    "next": {"motion": f"upload:{ID}"},
    "anticipate": {"labels": f"upload:{ID}"},
    "retarget": {"motion": f"upload:{ID}"},
    "convert": {"motion": f"upload:{ID}"},
}
#: Field -> task, values that are taken, values that are not.
BOUNDS = {
    "prompt": ("generate", ["a" * 2000, "走路", "marche 🚶", "امشِ", "walk\nslowly"],
               ["", " ", "a" * 2001, "a" * 100_000, "🚶", "...", "a\0b", None, 3, ["walk"]]),
    "seconds": ("generate", [0.2, 60, 60.0, None], [0.19, 60.01, 0, -0.0, -1, "5", True, [], 1e308, 10**400]),
    "seed": ("generate", [0, 2**63 - 1], [-1, 2**63, 1.5, "0", None, True, 10**400]),
    "samples": ("generate", [1, 8], [0, 9, 1.0, "1", None, True]),
    "temperature": ("generate", [0, 5, -0.0, 1], [-0.01, 5.01, "1", None, True]),
    "foot_lock": ("generate", [True, False], [0, 1, "true", None]),
    "definitions": ("generate", [{}, {"hop": "A jump on one leg."}],
                    [{"hop": 1}, [], {"hop": "a\0"}, {str(k): "x" for k in range(21)}, {"a" * 101: "x"}]),
    "fps": ("generate", [1, 240, None], [0.9, 241, "30"]),
    "rig": ("generate", [None, f"upload:{ID}"],
            ["", f"job:{ID}/0", "upload:../../etc/passwd", f"upload:{ID}\n", f"upload:{ID[1:]}", f"upload:{'A' * 32}"]),
    "segments": ("sequence", [[{"prompt": "walk", "seconds": 2}] * 20],
                 [[], [{"prompt": "walk"}] * 21, [{}], [{"prompt": "walk", "seconds": 0}], [{"prompt": "a", "x": 1}]]),
    "audio": ("gesture", [f"upload:{ID}"], [None, "", f"job:{ID}/0", "speech.wav", "file:///etc/passwd"]),
    "lower": ("gesture", ["", "walk in a circle", f"job:{ID}/0"], [None, 1, "a" * 2001]),
    "between": ("edit", [None, [0, 1], [1.5, 2]], [[1], [1, 2, 3], [-1, 2], ["1", 2], [True, 2]]),
    "part": ("edit", [[], ["left arm"]], ["left arm", ["a"] * 11, [1], ["a" * 101]]),
    "extend": ("edit", [0, 30], [-1, 30.5, None]),
    "tries": ("edit", [1, 32], [0, 33]),
    "motion": ("describe", [f"upload:{ID}", f"job:{ID}/99"], [f"job:{ID}", f"job:{ID}/100", f"job:{ID}/-1", "", None]),
    "answers": ("describe", [1, 20], [0, 21]),
    "by": ("describe", ["memory", "language"], ["magic", None]),
    "horizon": ("next", [0.5, 60], [0.4, 61, None]),
    "labels": ("anticipate", [f"upload:{ID}", "video:coffee"], ["video:../x", "video:", "coffee.csv", f"job:{ID}/0"]),
    "model": ("anticipate", ["default", "50salads"], ["../weights", "", "a" * 61, "A"]),
    "names": ("retarget", [{}, {"pelvis": "Hips"}], [{"pelvis": 1}, [], {str(k): "x" for k in range(65)}]),
}  # fmt: skip


def test_every_task_has_a_good_request():
    assert set(GOOD) == set(TASKS)
    for task, params in GOOD.items():
        form = FORMS.validate_python({"task": task, **params})
        assert isinstance(form, TASKS[task].form)
        FORMS.validate_python({"task": task, **TASKS[task].example})


@pytest.mark.parametrize("field", BOUNDS)
def test_bounds(field):
    task, taken, refused = BOUNDS[field]
    for value in taken:
        FORMS.validate_python({"task": task, **GOOD[task], field: value})
    for value in refused:
        with pytest.raises(ValidationError) as caught:
            FORMS.validate_python({"task": task, **GOOD[task], field: value})
        assert field in caught.value.errors()[0]["loc"], value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"task": "generate"}, "prompt"),
        ({"task": "generate", "prompt": "walk", "speed": 1}, "speed"),
        ({"task": "generate", "prompt": "walk", "seconds": 61}, "seconds"),
        ({"task": "sequence", "segments": [{"prompt": "walk", "seconds": 61}]}, "segments.0.seconds"),
        ({"task": "dance"}, None),
        ({}, None),
        ([], None),
        (1, None),
    ],
)
def test_refusals_name_the_field(client, body, field):
    response = client.post("/v1/jobs", json=body)
    told = response.json()["error"]
    assert (response.status_code, told["code"]) == (422, "field")
    assert field is None or told["field"].endswith(field)
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "NaN", '{"task": "generate", "prompt": "a", "seconds": NaN}', '{"a": Infinity}', '"\\ud800"',
        "\ufeff{}",
        '{"task": "generate", "prompt": "\\udc00"}', "[" * 100_000, '{"a":' * 50_000, "'a'", "\0",
    ],
)  # fmt: skip
def test_what_is_no_json(client, text):
    begun = time.monotonic()
    response = client.post("/v1/jobs", content=text.encode(), headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "json")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 400])
def test_numbers_beyond_all_bounds(client, number):
    text = f'{{"task": "generate", "prompt": "a", "seconds": {number}}}'
    response = client.post("/v1/jobs", content=text, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["field"].rpartition(".")[2]) == (422, "seconds")


def test_long_arrays(client):
    text = json.dumps({"task": "sequence", "segments": [1] * 80_000})
    begun = time.monotonic()
    assert client.post("/v1/jobs", content=text, headers={"Content-Type": "application/json"}).status_code == 422
    assert time.monotonic() - begun < 1.5


def test_references_to_nothing_or_to_the_wrong_thing(client):
    response = client.post("/v1/jobs", json={"task": "describe", "motion": f"upload:{ID}"})
    assert (response.status_code, response.json()["error"]["field"]) == (404, "motion")
    sent = client.post("/v1/uploads?name=a.csv", content=b"start,end,label\n0,1,walk\n").json()["id"]
    response = client.post("/v1/jobs", json={"task": "describe", "motion": f"upload:{sent}"})
    assert (response.status_code, response.json()["error"]["field"]) == (422, "motion")
    assert "holds labels; motion is wanted" in response.json()["error"]["message"]
    response = client.post("/v1/jobs", json={"task": "gesture", "audio": f"upload:{sent}", "lower": f"job:{ID}/0"})
    assert response.json()["error"]["field"] in ("audio", "lower")
