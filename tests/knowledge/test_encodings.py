"""The three encodings of a definition: what they keep, what they lose, and that they never change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from motionary import text
from motionary.errors import FormatError, InputError
from motionary.text.encoder import HashEncoder
from motionary.text.knowledge import Knowledge
from motionary.text.knowledge.encodings import projection, sentence_vectors, token_states, word_vectors
from motionary.text.knowledge.files import SHIPPED, read_entries

WALK, KICK = "The legs step alternately.", "One foot kicks forward and up."
GLOVE = "legs 1 0 0\nstep 0 1 0\nthe 0 0 1\nfoot 1 1 1\n"


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge({entry.name: entry for entry in read_entries(SHIPPED)})


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    path = tmp_path / "glove.txt"
    path.write_text(GLOVE)
    return path


class TestWordVectors:
    def test_the_papers_size(self):
        vectors = word_vectors([WALK, KICK])
        assert vectors.shape == (2, 1024)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()

    @pytest.mark.parametrize("size", [64, 384, 2000])
    def test_any_size(self, size):
        assert word_vectors([WALK], size=size).shape == (1, size)

    def test_the_order_of_words_is_lost(self):
        first, other = word_vectors(["the legs kick the foot", "the foot kick the legs"])
        assert np.abs(first - other).max() < 1e-6
        assert np.abs(first - word_vectors(["the legs kick the hand"])[0]).max() > 1e-3

    def test_it_is_the_mean(self):
        one, two, both = word_vectors(["legs", "foot", "legs foot"])
        assert np.abs((one + two) / 2 - both).max() < 1e-6

    def test_the_same_alone_and_among_others(self):
        assert np.abs(word_vectors([KICK, WALK * 30, "legs"])[0] - word_vectors([KICK])[0]).max() < 1e-6

    def test_lengths_and_angles_survive_the_projection(self):
        raw, large = word_vectors([WALK, KICK], size=384), word_vectors([WALK, KICK])
        assert np.linalg.norm(raw, axis=1) == pytest.approx(np.linalg.norm(large, axis=1), rel=1e-5)
        assert raw[0] @ raw[1] == pytest.approx(large[0] @ large[1], rel=1e-5)

    def test_like_definitions_are_near(self, knowledge):
        walk, jog, clap = word_vectors([knowledge[name].text for name in ("walk", "jog", "clap")])
        assert cosine(walk, jog) > cosine(walk, clap) + 0.02

    def test_of_another_encoder(self):
        encoder = HashEncoder()
        legs, kick = encoder.embed(["legs", "kick"])
        assert np.abs(word_vectors(["Legs, kick!"], encoder, size=32)[0] - (legs + kick) / 2).max() < 1e-6

    def test_signs_without_words(self):
        assert np.isfinite(word_vectors(["?!"], HashEncoder())).all()
        assert np.isfinite(word_vectors(["?!"])).all()

    @pytest.mark.parametrize("size", [0, -1, 8193])
    def test_size_out_of_bounds(self, size):
        with pytest.raises(InputError, match="size must be between 1 and 8192"):
            word_vectors([WALK], size=size)

    @pytest.mark.parametrize("encode", [word_vectors, sentence_vectors, token_states])
    @pytest.mark.parametrize("texts", [[], [""], ["walk", " "]])
    def test_empty(self, encode, texts):
        with pytest.raises(InputError, match="sentence"):
            encode(texts)


class TestProjection:
    @pytest.mark.parametrize(("width", "size"), [(300, 1024), (1024, 300), (7, 7)])
    def test_orthonormal(self, width, size):
        matrix = projection(width, size).astype(float)
        assert matrix.shape == (width, size)
        product = matrix @ matrix.T if width <= size else matrix.T @ matrix
        assert np.abs(product - np.eye(min(width, size))).max() < 1e-5

    def test_fixed_for_good(self):
        """Checkpoints depend on it; another NumPy or LAPACK must give the same."""
        assert projection(3, 5)[0] == pytest.approx([-0.266257, 0.048837, -0.125132, 0.264393, 0.917148], abs=1e-5)


class TestFiles:
    def test_glove(self, glove):
        assert word_vectors(["Legs step, and step"], size=3, table=glove)[0] == pytest.approx([1 / 3, 2 / 3, 0])

    def test_word2vec(self, glove, tmp_path):
        path = tmp_path / "word2vec.txt"
        path.write_text("4 3\n" + GLOVE)
        texts = ["the legs step", "foot"]
        assert (word_vectors(texts, table=path) == word_vectors(texts, table=glove)).all()

    def test_npy(self, glove, tmp_path):
        rows = [line.split() for line in GLOVE.splitlines()]
        np.save(tmp_path / "vectors.npy", np.array([row[1:] for row in rows], np.float16))
        (tmp_path / "vectors.txt").write_text("".join(row[0] + "\n" for row in rows))
        texts = ["the legs step", "foot"]
        assert (word_vectors(texts, table=tmp_path / "vectors.npy") == word_vectors(texts, table=glove)).all()

    def test_the_first_of_two_counts(self, tmp_path):
        path = tmp_path / "twice.txt"
        path.write_text("legs 1 0\nLegs 0 1\n")
        assert word_vectors(["legs"], size=2, table=path).tolist() == [[1, 0]]

    def test_a_word_with_spaces(self, tmp_path):
        path = tmp_path / "spaces.txt"
        path.write_text("legs 1 0\n. . . 5 5\nstep 0 1\n")
        assert word_vectors(["legs step"], size=2, table=path).tolist() == [[0.5, 0.5]]

    def test_no_word_is_known(self, glove):
        with pytest.raises(InputError, match="no word of this text has a vector: 'somersault'"):
            word_vectors(["legs", "somersault"], table=glove)

    def test_no_file(self, tmp_path):
        with pytest.raises(InputError, match="no such file of word vectors"):
            word_vectors(["legs"], table=tmp_path / "none.txt")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"legs 1 0\nstep 1\n", r"line 2: holds 1 numbers after the word; the first one holds 2"),
            (b"legs 1 x\n", r"line 1: could not convert"),
            (b"legs 1 nan\n", r"line 1: a number is not finite"),
            (b"legs\n", r"line 1: not a word and its numbers"),
            (b"legs 1 0\n\0\0\0\n", r"line 2: not a word and its numbers"),
            (b"legs " + b"1 " * 2**20, r"line 1: longer than"),
        ],
    )
    def test_broken_text(self, tmp_path, content, message):
        path = tmp_path / "broken.txt"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=message):
            word_vectors(["legs step"], table=path)

    def test_broken_npy(self, tmp_path):
        path = tmp_path / "v.npy"
        np.save(path, np.zeros((3, 2)))
        with pytest.raises(InputError, match=r"needs its words, one a line, in .*v\.txt"):
            word_vectors(["legs"], table=path)
        (tmp_path / "v.txt").write_text("legs\nstep\n")
        with pytest.raises(
            FormatError, match=r"holds float64 \[3, 2\]; needed are numbers \[2 words of v\.txt, width\]"
        ):
            word_vectors(["legs"], table=path)
        path.write_bytes(b"no array")
        with pytest.raises(FormatError, match="not an array of numbers"):
            word_vectors(["legs"], table=path)


class TestSentenceVectors:
    def test_they_are_the_encoders(self):
        vectors = sentence_vectors([WALK, KICK])
        assert vectors.shape == (2, 384)
        assert np.abs(vectors - text.load().embed([WALK, KICK])).max() < 1e-5

    def test_the_order_of_words_counts(self):
        first, other = sentence_vectors(["the legs kick the foot", "the foot kick the legs"])
        assert cosine(first, other) < 0.999

    def test_like_definitions_are_near(self, knowledge):
        for name, like, unlike in (("walk", "jog", "clap"), ("kick", "side kick", "sleep"), ("wave", "clap", "squat")):
            a, b, c = sentence_vectors([knowledge[which].text for which in (name, like, unlike)])
            assert cosine(a, b) > cosine(a, c) + 0.05, name


class TestTokenStates:
    def test_sentence_after_sentence(self):
        states = token_states([WALK, KICK])
        alone = [token_states([sentence]) for sentence in (WALK, KICK)]
        assert states.shape == (sum(map(len, alone)), 384)
        assert np.abs(states - np.concatenate(alone)).max() < 2e-5

    def test_the_encoders_own_states(self):
        encoder = HashEncoder()
        assert (token_states(["legs step"], encoder) == encoder.encode(["legs step"])[0][0]).all()

    def test_every_definition_fits(self, knowledge):
        for entry in list(knowledge.values())[::40]:
            assert 3 * 5 <= len(token_states(entry.definition)) <= 256
