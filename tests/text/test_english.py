import pytest

from motionary.text.english import forms, number


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("walk", ("walk", "walks", "walking", "walked")),
        ("swim", ("swim", "swims", "swimming", "swam", "swum")),
        ("have", ("have", "has", "having", "had")),
        ("lie", ("lie", "lies", "lying", "lay", "lain")),
        ("slap", ("slap", "slaps", "slapping", "slapped")),
        ("carry", ("carry", "carries", "carrying", "carried")),
    ],
)
def test_forms(verb, expected):
    assert forms(verb) == expected


def test_number():
    assert [number(word) for word in ("four", "4", "a", "1.5", "walk")] == [4, 4, 1, 1.5, None]
