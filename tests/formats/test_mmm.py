"""MMM XML: scale, axes and angle order by known poses; broken files are refused with their line."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest
from hostile import loads_or_is_refused, refused, spliced

from motionary import formats
from motionary.errors import FormatError
from motionary.formats import mmm

ORDER = ("LKx", "RKx", "LSx", "LSy", "LSz", "LMrot")


def frame(time_s: float = 0.0, root: str = "0 0 1000", turn: str = "0 0 0", angles: str = "0 0 0 0 0 0") -> str:
    return (
        f"<MotionFrame>\n<Timestep>{time_s}</Timestep>\n<RootPosition>{root}</RootPosition>\n"
        f"<RootRotation>{turn}</RootRotation>\n<JointPosition>{angles} </JointPosition>\n"
        "<JointVelocity>0 0 0</JointVelocity>\n</MotionFrame>\n"
    )


def document(*frames: str, height: str = "<Height>2.0</Height>", joints: tuple[str, ...] = ORDER) -> str:
    order = "".join(f"<Joint name='{name}_joint'/>\n" for name in joints)
    return (
        "<?xml version='1.0'?>\n<MMM>\n<Motion name='someone'>\n"
        f"<ModelProcessorConfig type='Winter'>{height}<Mass>100</Mass></ModelProcessorConfig>\n"
        f"<JointOrder>\n{order}</JointOrder>\n<MotionFrames>\n{''.join(frames)}</MotionFrames>\n</Motion>\n</MMM>\n"
    )


GOOD = document(frame(0.0), frame(0.01), frame(0.02))
FIRST = GOOD[: GOOD.index("<MotionFrame>")].count("\n") + 1  # the line of the first frame


def put(folder: Path, contents: str | bytes) -> Path:
    path = folder / "x.xml"
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return path


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def bomb() -> str:
    entities = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10 if i else 'lol'}'>" for i in range(10))
    return f"<!DOCTYPE MMM [{entities}]>\n<MMM><Motion name='&l9;'/></MMM>"


# name -> (contents, part of the message)
BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "no valid XML"),
    "only a declaration": ("<?xml version='1.0'?>", "no valid XML"),
    "web page": ("<html><body>404</body></html>", "line 1: expected <MMM>"),
    "gzip": (b"\x1f\x8b\x08\x00\x00", "no valid XML"),
    "NUL bytes": (GOOD.encode() + b"\0", "no valid XML"),
    "cut off": (GOOD[:-40], "no valid XML"),
    "unclosed": (changed("</JointOrder>", ""), "no valid XML"),
    "unknown encoding": (changed("version='1.0'", "version='1.0' encoding='klingon'"), "XML"),
    "entity bomb": (bomb(), "line 1: a DOCTYPE is not allowed"),
    "outer entity": ("<!DOCTYPE MMM [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<MMM>&x;</MMM>", "DOCTYPE"),
    "outer DTD": ("<!DOCTYPE MMM SYSTEM 'http://localhost/x.dtd'>\n" + GOOD[22:], "DOCTYPE"),
    "DOCTYPE in UTF-16": (
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE MMM [ ]><MMM/>".encode("utf-16"),
        "DOCTYPE",
    ),
    "undefined entity": (changed("<Mass>100", "<Mass>&x;"), "XML"),
    "deep": ("<MMM>" + "<a>" * 5000, "nest deeper than 32"),
    "no motion": ("<MMM></MMM>", "motions here: none"),
    "300 motions": ("<MMM>" + "<Motion/>" * 300 + "</MMM>", "more than 256 motions"),
    "no person": (GOOD.replace("_joint", "_valve").replace("LMrot", "lid"), "motions here: 'someone'"),
    "no height": (document(frame(0), frame(0.01), height=""), "line 3: the motion states no Height"),
    "height in cm": (document(frame(0), frame(0.01), height="<Height>182</Height>"), "line 4: Height must lie"),
    "height nan": (document(frame(0), frame(0.01), height="<Height>nan</Height>"), "line 4: Height"),
    "height twice": (document(frame(0), frame(0.01), height="<Height>1 2</Height>"), "it has 2"),
    "no frames": (document(), "line 3: the motion has no frames"),
    "one frame": (document(frame(0)), "a rate needs at least 2 frames"),
    "frame outside": ("<MMM>\n<MotionFrame/></MMM>", "line 2: a MotionFrame outside"),
    "joint twice": (document(frame(0), joints=("LKx", "LKx")), "line 7: joint 'LKx' is given twice"),
    "joint without name": (changed("name='LKx_joint'", ""), "line 6: a Joint has no name"),
    "joint after the frames": (changed("</MotionFrames>", "</MotionFrames><Joint name='LAx'/>"), "before the frames"),
    "short row": (changed("0 0 0 0 0 0 <", "0 0 0 0 0 <"), f"line {FIRST + 4}: JointPosition must hold 6"),
    "long row": (changed("0 0 0 0 0 0 <", "0 0 0 0 0 0 0 <"), f"line {FIRST + 4}: JointPosition must hold 6"),
    "word": (changed("0 0 1000", "0 zero 1000"), f"line {FIRST + 2}: RootPosition"),
    "decimal comma": (changed("0 0 1000", "0,5 0 1000"), "comma"),
    "nan": (changed("0 0 1000", "nan 0 1000"), f"line {FIRST + 2}: RootPosition holds"),
    "1e400": (changed("0 0 1000", "0 0 1e400"), "not finite"),
    "far away": (changed("0 0 1000", "0 0 1e9"), "beyond"),
    "two root numbers": (changed("0 0 1000", "0 1000"), "RootPosition must hold 3"),
    "no root position": (changed("<RootPosition>0 0 1000</RootPosition>", ""), "frame 1 has no RootPosition"),
    "no joint position": (changed("<JointPosition>0 0 0 0 0 0 </JointPosition>", ""), "frame 1 has no JointPosition"),
    "no time": (changed("<Timestep>0.0</Timestep>", ""), "frame 1 has no Timestep"),
    "time twice": (changed("<Timestep>0.0</Timestep>", "<Timestep>0</Timestep>" * 2), "Timestep is given twice"),
    "time stands still": (document(frame(0), frame(0.01), frame(0.01)), "frame 3: Timestep must rise"),
    "time runs backward": (document(frame(0), frame(0.01), frame(0.005)), "frame 3: Timestep must rise"),
    "hours between frames": (document(frame(0), frame(3600)), "0.001 to 1 s"),
    "endless text": (changed("0 0 0 0 0 0 <", "0 " * 1_000_000 + "<"), "more than 65536"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_refused(tmp_path, name):
    contents, message = BROKEN[name]
    path = put(tmp_path, contents)
    error = refused(lambda: mmm.read(path))
    assert message in str(error)
    assert str(path) in str(error)


def test_too_many_frames(tmp_path, monkeypatch):
    monkeypatch.setattr(mmm, "MAX_FRAMES", 2)
    with pytest.raises(FormatError, match="more than 2 frames"):
        mmm.read(put(tmp_path, GOOD))


def test_cut_anywhere_is_refused(tmp_path):
    for end in range(0, len(GOOD) - 8, 17):
        with pytest.raises(FormatError):
            mmm.read(put(tmp_path, GOOD[:end]))


def test_mutations_load_or_are_refused(tmp_path):
    for broken in spliced(GOOD.encode(), [b"<", b">", b"</Motion>", b"&", b"'", b"<a>"], seed=33):
        loads_or_is_refused(lambda data=broken: mmm.read(put(tmp_path, data)))


def places(folder: Path, **first: str) -> dict[str, np.ndarray]:
    motion = formats.read(put(folder, document(frame(0.0, **first), frame(0.01, **first))))
    return dict(zip(motion.skeleton.names, motion.positions()[0], strict=True))


def test_rest_pose_is_scaled_by_height_and_has_its_left_at_plus_x(tmp_path):
    place = places(tmp_path)
    np.testing.assert_allclose(place["LH"], [0.104, 1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(place["LA"], [0.104, 1.0 - 2 * 0.491, 0.0], atol=1e-12)
    np.testing.assert_allclose(place["RS"], [-0.22, 1.0 + 2 * 0.244, 0.0], atol=1e-12)
    assert place["RF"][2] > 0.1  # toes point forward


def test_root_axes(tmp_path):
    place = places(tmp_path, root="100 200 900")  # right, forward, up
    np.testing.assert_allclose(place["root"], [-0.1, 0.9, 0.2])
    turned = places(tmp_path, turn=f"0 0 {np.pi / 2}")  # about the vertical, to the left
    np.testing.assert_allclose(turned["LH"], [0, 1.0, -0.104], atol=1e-12)


def test_knees_bend_backward(tmp_path):
    place = places(tmp_path, angles="-1 0 0 0 0 0")
    shin = place["LA"] - place["LK"]
    np.testing.assert_allclose(shin, [0, -0.492 * np.cos(1), -0.492 * np.sin(1)], atol=1e-12)
    np.testing.assert_allclose(place["RA"] - place["RK"], [0, -0.492, 0], atol=1e-12)


def test_angles_apply_x_then_y_then_z_about_fixed_axes(tmp_path):
    # The arm swings forward by x; y (forward) leaves it alone; z then swings it to the left.
    quarter = np.pi / 2
    place = places(tmp_path, angles=f"0 0 {quarter} {quarter} {quarter} 0")
    np.testing.assert_allclose(place["LE"] - place["LS"], [0.376, 0, 0], atol=1e-12)


def test_rate_and_uneven_steps(tmp_path):
    assert mmm.read(put(tmp_path, GOOD)).fps == 100.0
    uneven = document(*(frame(t) for t in (0, 0.01, 0.02, 0.03, 0.06)))
    motion = mmm.read(put(tmp_path, uneven))
    assert (motion.fps, motion.meta["uneven_frames"]) == (100.0, 1)


def test_a_motion_by_name(tmp_path):
    start, end = GOOD.index("<Motion "), GOOD.index("</MMM>")
    other = GOOD[start:end].replace("someone", "other").replace("0 0 1000", "0 0 500")
    cup = "<Motion name='cup'><MotionFrames/></Motion>"
    path = put(tmp_path, GOOD[:start] + cup + GOOD[start:end] + other + GOOD[end:])
    assert mmm.read(path).meta["motion"] == "someone"
    assert mmm.read(path, motion="other").root[0, 1] == 0.5
    with pytest.raises(FormatError, match="'cup', 'someone', 'other'"):
        mmm.read(path, motion="cup")


@pytest.mark.data
def test_the_kit_sample(data_dir, tmp_path):
    packed = data_dir / "motion" / "kit-ml-sample-00001_mmm.xml.xz"
    motion = formats.read(put(tmp_path, lzma.decompress(packed.read_bytes())))
    assert (motion.fps, len(motion), motion.meta["height"]) == (100.0, 378, 1.82)
    lowest = motion.positions()[:, :, 1].min()
    assert 0.005 < lowest < 0.025  # toe joints, a shoe's sole above the floor
    way = motion.root[-1] - motion.root[0]
    left = motion.positions()[:, 11] - motion.positions()[:, 16]
    forward = np.cross(left.mean(axis=0), [0.0, 1.0, 0.0])
    assert way @ forward > 0.9 * np.linalg.norm(way) * np.linalg.norm(forward)
