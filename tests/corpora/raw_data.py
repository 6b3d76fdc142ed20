"""Small data folders made of synthetic motions, in the layouts of real data sets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from motionary import formats
from motionary.formats import bvh, deepmimic, npz
from motionary.motion import HUMAN, Motion, Skeleton
from motionary.motion import rotations as rot
from motionary.motion.edit import mirror
from motions import stand, walk, wave

STILL = "bandai_namco/dataset-1_wave-left-hand_normal_001"
BROKEN = "bandai_namco/dataset-1_run_tired_001"
COPY = "bandai_namco/dataset-1_walk_proud_001"


def bandai_namco(folder: Path) -> None:
    """Walks of three styles, a wave, a copy of a walk under another name, and a file cut off in the middle."""
    folder.mkdir(parents=True)
    for style, speed in (("normal", 1.0), ("tired", 0.7), ("active", 0.9)):
        bvh.write(walk(2.0, speed=speed), folder / f"dataset-1_walk_{style}_001.bvh")
    bvh.write(wave(2.0), folder / "dataset-1_wave-left-hand_normal_001.bvh")
    whole = folder / "dataset-1_walk_normal_001.bvh"
    (folder / "dataset-1_walk_proud_001.bvh").write_bytes(whole.read_bytes())
    (folder / "dataset-1_run_tired_001.bvh").write_bytes(whole.read_bytes()[:9000])


def deepmimic_clip(path: Path, seconds: float = 1.5) -> None:
    """The humanoid standing, swinging its straight legs to and fro, in the form of DeepMimic's files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = []
    for time in np.arange(0, seconds, 1 / 30):
        w, z = np.cos(0.15 * np.sin(6 * time)), np.sin(0.15 * np.sin(6 * time))
        spherical = [1.0, 0.0, 0.0, 0.0]
        legs = [*(w, 0, 0, z), 0.0, *spherical, *spherical, 0.0, *(w, 0, 0, -z), 0.0, *spherical, *spherical, 0.0]
        frames.append([1 / 30, *(time, 0.9, 0.0), *spherical, *spherical, *spherical, *legs])
    path.write_text(json.dumps({"Loop": "none", "Frames": frames}))
    assert deepmimic.read(path).duration > seconds - 0.1


def kit(folder: Path) -> None:
    """Two recordings in MMM's XML, one of them without a sentence."""
    folder.mkdir(parents=True)
    times = np.arange(0, 2, 0.01)
    rows = "".join(
        f"<MotionFrame><Timestep>{t:.2f}</Timestep><RootPosition>0 {800 * t:.1f} 980</RootPosition>"
        f"<RootRotation>0 0 0</RootRotation>"
        f"<JointPosition>{0.4 * np.sin(6 * t):.4f} {-0.4 * np.sin(6 * t):.4f}</JointPosition></MotionFrame>"
        for t in times
    )
    text = (
        "<?xml version='1.0'?><MMM><Motion name='someone'>"
        "<ModelProcessorConfig type='Winter'><Height>1.8</Height><Mass>70</Mass></ModelProcessorConfig>"
        "<JointOrder><Joint name='LHx_joint'/><Joint name='RHx_joint'/></JointOrder>"
        f"<MotionFrames>{rows}</MotionFrames></Motion></MMM>"
    )
    for number in ("00001", "00002"):
        (folder / f"{number}_mmm.xml").write_text(text)
    (folder / "00001_annotations.json").write_text('["A person walks forwards.", "Somebody strides ahead."]')
    (folder / "00002_annotations.json").write_text("[]")


def amass(path: Path, motion: Motion) -> None:
    """A motion as an AMASS file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    npz.write(motion, path, layout="amass")


def humanml3d(folder: Path) -> None:
    """One AMASS file cut into a whole clip and a span, one mirrored into a test clip, one that is not there."""
    amass(folder / "amass" / "CMU" / "07" / "07_01_poses.npz", walk(6.0))
    amass(folder / "amass" / "CMU" / "08" / "08_01_poses.npz", mirror(wave(4.0)))
    (folder / "index.csv").write_text(
        "source_path,start_frame,end_frame,new_name\n"
        "./pose_data/CMU/07/07_01_poses.npy,20,100,000001.npy\n"
        "./pose_data/CMU/08/08_01_poses.npy,0,-1,000002.npy\n"
        "./pose_data/CMU/09/09_01_poses.npy,0,-1,000003.npy\n"
    )
    texts = folder / "texts"
    texts.mkdir()
    texts.joinpath("000001.txt").write_text(
        "a man walks forward.#a/DET#0.0#0.0\nhe goes on.#he/PRON#1.0#3.0\na person walks.#a/DET#0.0#0.0\n"
    )
    texts.joinpath("000002.txt").write_text("a person waves with the right hand.#a/DET#nan#nan\n")
    texts.joinpath("000003.txt").write_text("a person jumps.#a/DET#0.0#0.0\n")
    (folder / "train.txt").write_text("000001\n000003\n")
    (folder / "test.txt").write_text("000002\n")


def babel(folder: Path) -> None:
    """One sequence with labels in time, one with a label of the whole, both of the same split."""
    amass(folder / "amass" / "CMU" / "07" / "07_01_poses.npz", walk(4.0))
    amass(folder / "amass" / "CMU" / "08" / "08_01_poses.npz", wave(3.0))
    label = {"raw_label": "walk", "proc_label": "walk", "act_cat": ["walk"]}
    spans = [label | {"start_t": 0, "end_t": 2.5}, label | {"raw_label": "stride ahead", "start_t": 2.5, "end_t": 4}]
    waving = {"raw_label": "wave left hand", "proc_label": "wave", "act_cat": ["wave"]}
    sequences = {
        "1": {"feat_p": "CMU/CMU/07/07_01_poses.npz", "dur": 4.0, "seq_ann": {"labels": [label]},
              "frame_ann": {"labels": spans}},
        "2": {"feat_p": "CMU/CMU/08/08_01_poses.npz", "dur": 3.0, "seq_ann": {"labels": [waving]}, "frame_ann": None},
    }  # fmt: skip
    (folder / "val.json").write_text(json.dumps(sequences))


def with_calibration(motion: Motion) -> Motion:
    """A T-pose put before the first frame, as CMU's BVH files have it."""
    pose = rot.identity(1, len(HUMAN))
    return Motion(
        HUMAN,
        np.concatenate([HUMAN.offsets[:1], motion.root]),
        np.concatenate([pose, motion.rotations]),
        motion.fps,
    )


def idling(motion: Motion, before: float, after: float) -> Motion:
    """The motion with its first and its last pose held for so many seconds."""
    head, tail = round(before * motion.fps), round(after * motion.fps)
    frames = np.concatenate(
        [np.zeros(head, int), np.arange(len(motion)), np.full(tail, len(motion) - 1)],
    )
    return Motion(HUMAN, motion.root[frames], motion.rotations[frames], motion.fps)


def stood(seconds: float, fps: float = 30.0) -> Motion:
    """Standing without any movement."""
    return stand(seconds, fps)


def box() -> Motion:
    """Something that moves and is no body."""
    one = Skeleton(("box",), (-1,), np.zeros((1, 3)), {"box": np.array([0.0, 1.0, 0.0])})
    return Motion(one, np.zeros((40, 3)), rot.from_axis("Y", np.linspace(0, 3, 40))[:, None], 30.0)


def put(motion: Motion, path: Path) -> Path:
    """Write a motion and give the path."""
    return formats.write(motion, path)
