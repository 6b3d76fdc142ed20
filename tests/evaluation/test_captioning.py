"""Caption scores against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.evaluation.captioning import (
    bleu,
    caption_retrieval,
    cider,
    rouge_l,
    sentence_similarity,
    words,
)


def test_words():
    assert words("A person's arm, raised!") == ["a", "person's", "arm", "raised"]
    assert words("一个人走路 2 步 slowly") == ["一", "个", "人", "走", "路", "2", "步", "slowly"]
    assert words("— ...") == []


def test_bleu_by_hand():
    """the the the the / the cat is on the mat: clipped 2 of 4; 1 of 3 pairs does not occur; length 4 against 6."""
    one, two, *_ = bleu(["the the the the"], [["the cat is on the mat"]])
    assert one == pytest.approx(math.exp(1 - 6 / 4) * 2 / 4)
    assert two == 0
    # Two captions: 1-grams (3 + 2) of (4 + 3), 2-grams (2 + 1) of (3 + 2), 3-grams (1 + 0) of (2 + 1).
    captions = ["a man walks fast", "she turns left"]
    references = [["a man walks forward"], ["he turns left", "he goes to the left side"]]
    found = bleu(captions, references)
    shares = [5 / 7, 3 / 5, 1 / 3]
    assert found[:3] == pytest.approx([math.prod(shares[:k]) ** (1 / k) for k in (1, 2, 3)])
    assert found[3] == 0
    smooth = [5 / 7, 4 / 6, 2 / 4, 1 / 2]
    assert bleu(captions, references, smoothing=1) == pytest.approx(
        [math.prod(smooth[:k]) ** (1 / k) for k in (1, 2, 3, 4)]
    )


def test_bleu_takes_the_reference_nearest_in_length():
    (one, *_) = bleu(["a b c d"], [["a b c", "a b c d e"]])  # 3 and 5 are as near: the shorter, so no penalty
    assert one == 1.0
    assert bleu(["a b c d"], [["a b c d e f", "x"]])[0] == pytest.approx(math.exp(1 - 6 / 4))
    assert bleu(["happy", "sad", "tired"], [["happy"], ["angry"], ["tired"]])[0] == pytest.approx(2 / 3)
    assert bleu([""], [["a"]]) == (0, 0, 0, 0)
    assert bleu(["a b c d e"], [["a b c d e"]]) == pytest.approx((1, 1, 1, 1))


def test_rouge_by_hand():
    """police killed the gunman / the gunman police killed: the longest common subsequence has 2 of 4 words."""
    assert rouge_l(["police killed the gunman"], [["the gunman police killed"]])[0] == pytest.approx(0.5)
    # P = 2/2, R = 2/4: (1 + 1.44) P R / (R + 1.44 P)
    assert rouge_l(["the cat"], [["the black cat sat"]])[0] == pytest.approx(2.44 * 0.5 / (0.5 + 1.44))
    # The best precision and the best recall, even of different references.
    assert rouge_l(["the cat"], [["the black cat sat", "the"]])[0] == pytest.approx(1.0)
    assert rouge_l(["", "一个人走"], [["a"], ["一人走"]]) == pytest.approx([0, 2.44 * 0.75 / (1 + 1.44 * 0.75)])


def test_cider_by_hand():
    """Two items. Only "walks" and "runs" tell them apart: idf log 2 each, "a man" is in both and weighs nothing."""
    captions, references = ["a man walks", "a man walks"], [["a man walks"], ["a man runs"]]
    # Orders 1 to 3 agree in the first item (cosine 1), there is no order 4; in the second nothing that weighs agrees.
    assert cider(captions, references) == pytest.approx([10 * 3 / 4, 0])
    # Twice the telling word: plain CIDEr has a cosine of 1 for order 1, CIDEr-D clips 2 to 1 and sees one word more.
    twice = ["walks a man walks", "a man walks"]
    order2 = math.log(2) ** 2 / (math.sqrt(2 * math.log(2) ** 2) * math.log(2))  # (walks a), (man walks) / (man walks)
    order3 = order2
    assert cider(twice, references, "")[0] == pytest.approx(10 * (1 + order2 + order3) / 4)
    clipped = math.log(2) * math.log(2) / (2 * math.log(2) * math.log(2))
    assert cider(twice, references)[0] == pytest.approx(
        10 * (clipped + order2 + order3) / 4 * math.exp(-1 / (2 * 6**2))
    )
    assert cider(["a man walks"], [["a man walks"]]) == pytest.approx([0.0])


def test_cider_averages_over_references():
    references = [["he walks", "she runs"], ["it jumps"]]
    # Of two references one agrees in orders 1 and 2.
    assert cider(["he walks", "it jumps"], references) == pytest.approx([10 * 2 / 4 / 2, 10 * 2 / 4])


def test_captions_find_their_motions():
    vectors = np.eye(4, dtype=np.float32)

    def texts(captions):
        return vectors[[int(text) for text in captions]]

    def embed(found):
        return vectors[: len(found)]

    some = [motions.stand(0.2)] * 4
    right = caption_retrieval(["0", "1", "2", "3"], some, texts, embed)
    assert right.hits().mean() == 1
    assert right.pool == 4
    swapped = caption_retrieval(["0", "2", "1", "3"], some, texts, embed)
    assert swapped.hits().tolist() == [1, 0, 0, 1]
    assert swapped.ranks.tolist() == [1, 3, 3, 1]  # three motions fit as badly
    with pytest.raises(InputError, match="'all' or 'batches'"):
        caption_retrieval(["0", "1"], some[:2], texts, embed, protocol="similar")


def test_sentence_similarity_takes_the_nearest_reference():
    vectors = {"walk": [1.0, 0.0], "go": [0.8, 0.6], "sit": [0.0, 1.0]}

    def embed(texts):
        return np.array([vectors[text] for text in texts], dtype=np.float32)

    assert sentence_similarity(["walk", "sit"], [["sit", "go"], ["walk"]], embed) == pytest.approx([0.8, 0.0])


def test_what_does_not_pair_up():
    for captions, references in (([], []), (["a"], []), (["a"], [[]]), (["a", "b"], [["a"]])):
        with pytest.raises(InputError, match="one reference or more"):
            bleu(captions, references)
    with pytest.raises(InputError, match="list of sentences"):
        rouge_l(["a"], ["a b"])
    with pytest.raises(InputError, match="variant"):
        cider(["a"], [["a"]], "E")
