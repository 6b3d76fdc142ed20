"""Figures of a run, one a motion, kept in a file: tables and tests are made of them without generating again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.corpora.sameness import same
from motionary.evaluation import ape_ave, rules
from motionary.evaluation.retrieval import Evaluator, Gallery, first_right
from motionary.evaluation.table1.items import Item
from motionary.formats._files import atomic
from motionary.motion import Motion
from motionary.motion.measures import physical
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

SIGNALS = ("APE_root", "APE_mean_pose", "AVE_root", "AVE_mean_pose")
PHYSICAL = ("slide_mm_per_frame", "penetration_mm", "float_mm", "jitter")


@dataclass(frozen=True)
class Judge:
    """The corpus, what is asked, and the retrieval model that recognises actions.

    Attributes:
        pack, items, evaluator, gallery: see there.
        alike: [compound, compound] true where two prompts of the split "compound" say the same.
        recorded: [items, width] embeddings of the recordings; NaN where there is none.
        sentences: [items, width] embeddings of the prompts.
    """

    pack: Pack
    items: Sequence[Item]
    evaluator: Evaluator
    gallery: Gallery
    alike: NDArray[np.bool_]
    recorded: NDArray[np.float32]
    sentences: NDArray[np.float32]

    @classmethod
    def of(cls, pack: Pack, asked: Sequence[Item], evaluator: Evaluator) -> Judge:
        """Embeds recordings and prompts once."""
        gallery = Gallery.of(pack, ("train", "val", "test", "test_verbs"), evaluator)
        clips = sorted({item.clip for item in asked if item.clip >= 0})
        embedded = dict(zip(clips, evaluator.motion([pack.motion(clip) for clip in clips]), strict=True))
        sentences = evaluator.text([item.prompt for item in asked])
        missing = np.full(sentences.shape[1], np.nan, np.float32)
        recorded = np.stack([embedded.get(item.clip, missing) for item in asked])
        compound = [item.prompt for item in asked if not item.content]
        alike = same(compound, evaluator.meaning(compound)) if compound else np.zeros((0, 0), dtype=bool)
        return cls(pack, asked, evaluator, gallery, alike, recorded, sentences)

    def ranks(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """[items] rank of what was asked for, given embeddings [items, width] of the motions that were made.

        An item with a content is ranked among all actions of the corpus; one without, among the prompts without.
        """
        named = [order for order, item in enumerate(self.items) if item.content]
        others = [order for order, item in enumerate(self.items) if not item.content]
        ranks = np.zeros(len(self.items))
        if named:
            ranks[named] = self.gallery.ranks(vectors[named], [self.items[order].content for order in named])
        if others:
            scores = vectors[others].astype(np.float64) @ self.sentences[others].T
            ranks[others] = first_right(scores, self.alike)
        return ranks


def score(judge: Judge, checkpoint: Path, seed: int, knowledge: bool, file: Path) -> None:
    """Generate every item with a checkpoint and write its figures to ``file`` (and embeddings beside it).

    Args:
        judge: what is asked and who judges.
        checkpoint: folder of the network.
        seed: of the noise.
        knowledge: whether the network is told definitions.
        file: a JSON file.
    """
    made_for = {
        "items": _digest(judge.items),
        "evaluator": judge.evaluator.digest,
        "knowledge": knowledge,
        "checkpoint": hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest()[:16],
    }
    if file.is_file() and json.loads(file.read_text(encoding="utf-8"))["made for"] == made_for:
        return
    generator = Generator.load.__wrapped__(Generator, str(checkpoint))  # a table's checkpoints are not worth keeping
    requests = [Request(item.prompt, item.seconds, seed * 100_003 + order) for order, item in enumerate(judge.items)]
    motions = generator(requests, foot_lock=False, knowledge=knowledge)
    write(judge, motions, file, made_for)


def write(
    judge: Judge,
    motions: Sequence[Motion],
    file: Path,
    made_for: dict[str, Any],
    only: Sequence[bool] = (),
) -> None:
    """Measure motions, one an item, and write the figures; ``only`` says which items count, by default all."""
    vectors = judge.evaluator.motion(list(motions))
    ranks = judge.ranks(vectors).tolist()
    figures = [
        _figures(judge.pack, item, motion, ranks[order]) if not only or only[order] else {}
        for order, (item, motion) in enumerate(zip(judge.items, motions, strict=True))
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic(file.with_suffix(".npy")) as path, path.open("wb") as stream:
        np.save(stream, vectors)
    with atomic(file) as path:
        path.write_text(json.dumps({"made for": made_for, "figures": figures}), encoding="utf-8")


def _figures(pack: Pack, item: Item, motion: Motion, rank: float) -> dict[str, float | None]:
    figures: dict[str, float | None] = {"rank": rank, **_rules(item.prompt, motion)}
    if item.split in ("test", "verbs"):
        measured = physical(motion).as_dict()
        figures |= {name: measured[name] for name in PHYSICAL}
    if item.clip >= 0 and item.split != "paraphrase":
        recording = pack.motion(item.clip)
        for mode in ape_ave.MODES:
            errors = ape_ave.evaluate([(motion, recording)], mode)
            figures |= {f"{name} {mode}": errors[0].values[name] for name in SIGNALS}
            weights = ape_ave.ape_weights(errors, mode)
            figures[f"weight {mode}"] = 1.0 if weights is None else float(weights[0])
    return {name: value if value is None or math.isfinite(value) else None for name, value in figures.items()}


def _rules(prompt: str, motion: Motion) -> dict[str, float | None]:
    claims = rules.claims(prompt)
    if not claims.headline:
        return {"rule": None, "headline": None}
    report = rules.check(claims, motion)
    told = [claim.passed for claim in report.claims if claim.kind in rules.HEADLINE]
    return {"rule": 100.0 * bool(report.passed), "headline": 100.0 * all(told)}


def _digest(asked: Sequence[Item]) -> str:
    return hashlib.sha256(json.dumps([asdict(item) for item in asked]).encode()).hexdigest()[:16]
