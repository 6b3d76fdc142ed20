# ruff: noqa: E501
"""BVH files by hand: broken ones (each must be refused with its line) and odd but valid ones (each must load)."""

from __future__ import annotations

import gzip

HEAD = """HIERARCHY
ROOT Hips
{
  OFFSET 0 95 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 45 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 30 0
    }
  }
}
"""
ROW = "0 95 0 1 2 3 4 5 6"
GOOD = HEAD + f"MOTION\nFrames: 3\nFrame Time: 0.0333333\n{ROW}\n{ROW}\n{ROW}\n"


def changed(old: str, new: str, count: int = 1) -> str:
    """GOOD with a piece replaced; fails when the piece is not there."""
    assert old in GOOD
    return GOOD.replace(old, new, count)


def nested(depth: int) -> str:
    joints = [f"JOINT j{d}\n{{\nOFFSET 0 1 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n" for d in range(depth)]
    root = "HIERARCHY\nROOT r\n{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
    row = " ".join(["0"] * 3 * (depth + 1))
    return root + "".join(joints) + "}\n" * (depth + 1) + f"MOTION\nFrames: 1\nFrame Time: 0.1\n{row}\n"


def wide(joints: int) -> str:
    body = "".join(f"JOINT j{j}\n{{\nOFFSET 0 1 0\nCHANNELS 1 Zrotation\n}}\n" for j in range(joints))
    root = "HIERARCHY\nROOT r\n{\nOFFSET 0 0 0\nCHANNELS 1 Zrotation\n"
    return f"{root}{body}}}\nMOTION\nFrames: 1\nFrame Time: 0.1\n{' '.join(['0'] * (joints + 1))}\n"


# name -> (contents, the line that must be named; None where any line will do)
BROKEN: dict[str, tuple[str | bytes, int | None]] = {
    "empty": ("", 1),
    "only spaces": ("  \n \n", None),
    "only HIERARCHY": ("HIERARCHY\n", None),
    "no MOTION": (HEAD, None),
    "MOTION without joints": ("HIERARCHY\nMOTION\nFrames: 1\nFrame Time: 0.1\n0\n", 2),
    "no HIERARCHY": (changed("HIERARCHY\n", ""), 1),
    "no Frames": (changed("Frames: 3\n", ""), None),
    "no Frame Time": (changed("Frame Time: 0.0333333\n", ""), 18),
    "Frames twice": (changed("Frame Time: 0.0333333", "Frames: 3"), 18),
    "Frames 0": (changed("Frames: 3", "Frames: 0"), 17),
    "Frames -1": (changed("Frames: 3", "Frames: -1"), 17),
    "Frames 3.5": (changed("Frames: 3", "Frames: 3.5"), 17),
    "Frames nan": (changed("Frames: 3", "Frames: nan"), 17),
    "Frames a billion": (changed("Frames: 3", "Frames: 1000000000000"), 17),
    "Frames of 5000 digits": (changed("Frames: 3", "Frames: " + "9" * 5000), 17),
    "fewer rows than claimed": (changed("Frames: 3", "Frames: 10"), None),
    "200,000 frames claimed": (changed("Frames: 3", "Frames: 200000"), None),
    "more rows than claimed": (changed("Frames: 3", "Frames: 2"), 21),
    "no rows": (HEAD + "MOTION\nFrames: 1\nFrame Time: 0.1\n", None),
    "Frame Time 0": (changed("0.0333333", "0"), 18),
    "Frame Time -1": (changed("0.0333333", "-1"), 18),
    "Frame Time nan": (changed("0.0333333", "nan"), 18),
    "Frame Time inf": (changed("0.0333333", "inf"), 18),
    "Frame Time a million": (changed("0.0333333", "1000000"), 18),
    "Frame Time empty": (changed("0.0333333", ""), 18),
    "Frame Time with a unit": (changed("0.0333333", "0.0333333 s"), 18),
    "short row": (changed(f"{ROW}\n{ROW}\n{ROW}", f"{ROW}\n{ROW[:-2]}\n{ROW}"), 20),
    "long row": (changed(f"{ROW}\n{ROW}\n{ROW}", f"{ROW}\n{ROW}\n{ROW} 7"), 21),
    "word in a row": (changed(ROW, "0 95 0 1 two 3 4 5 6"), 19),
    "decimal comma": (changed(ROW, "0 95,5 0 1 2 3 4 5 6"), 19),
    "nan in a row": (changed(ROW, "0 95 0 1 nan 3 4 5 6"), 19),
    "inf in a row": (changed(ROW, "0 95 0 1 -inf 3 4 5 6"), 19),
    "1e400 in a row": (changed(ROW, "0 95 0 1 1e400 3 4 5 6"), 19),
    "hexadecimal in a row": (changed(ROW, "0 95 0 1 0x10 3 4 5 6"), 19),
    "two numbers run together": (changed(ROW, "0 95 0 1 2-3 4 5 6 7"), 19),
    "underscore in a number": (changed(ROW, "0 95 0 1 1_0 3 4 5 6"), 19),
    "position beyond any room": (changed(ROW, "0 1e9 0 1 2 3 4 5 6"), 19),
    "angle beyond sense": (changed(ROW, "0 95 0 1 1e300 3 4 5 6"), 19),
    "missing closing brace": (changed("}\nMOTION", "MOTION"), 15),
    "extra closing brace": (changed("}\nMOTION", "}\n}\nMOTION"), 16),
    "missing opening brace": (changed("ROOT Hips\n{", "ROOT Hips"), 3),
    "brace of nothing": (changed("MOTION", "{\n}\nMOTION"), 16),
    "CHANNELS count too large": (changed("CHANNELS 3 Z", "CHANNELS 4 Z"), 9),
    "CHANNELS count too small": (changed("CHANNELS 3 Z", "CHANNELS 2 Z"), 9),
    "CHANNELS without count": (changed("CHANNELS 3 Z", "CHANNELS Z"), 9),
    "CHANNELS empty": (changed("CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS"), 9),
    "CHANNELS twice": (changed("    End Site", "    CHANNELS 1 Zrotation\n    End Site"), 10),
    "unknown channel": (changed("Zrotation Xrotation", "Wrotation Xrotation"), 5),
    "repeated channel": (changed("3 Zrotation Xrotation", "3 Zrotation Zrotation"), 9),
    "no channels on the root": (changed("CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation", "CHANNELS 0"), 5),
    "joint without CHANNELS": (changed("    CHANNELS 3 Zrotation Xrotation Yrotation\n", ""), None),
    "joint without OFFSET": (changed("    OFFSET 0 45 0\n", ""), None),
    "End Site without OFFSET": (changed("      OFFSET 0 30 0\n", ""), 12),
    "duplicate joint names": (changed("JOINT Spine", "JOINT Hips"), 6),
    "joint without a name": (changed("JOINT Spine", "JOINT"), 6),
    "two roots": (changed("MOTION", "ROOT Other\n{\nOFFSET 0 0 0\nCHANNELS 1 Zrotation\n}\nMOTION"), 16),
    "joint before root": (changed("ROOT Hips", "JOINT Hips"), 2),
    "joint inside an End Site": (changed("      OFFSET 0 30 0", "      JOINT x"), 12),
    "OFFSET of 2 numbers": (changed("OFFSET 0 45 0", "OFFSET 0 45"), 8),
    "OFFSET of 4 numbers": (changed("OFFSET 0 45 0", "OFFSET 0 45 0 1"), 8),
    "OFFSET with a word": (changed("OFFSET 0 45 0", "OFFSET 0 up 0"), 8),
    "OFFSET nan": (changed("OFFSET 0 45 0", "OFFSET 0 nan 0"), 8),
    "OFFSET beyond any body": (changed("OFFSET 0 45 0", "OFFSET 0 1e12 0"), 6),
    "OFFSET twice": (changed("    OFFSET 0 45 0", "    OFFSET 0 45 0\n    OFFSET 0 45 0"), 9),
    "OFFSET before the root": (changed("ROOT Hips", "OFFSET 0 0 0\nROOT Hips"), 2),
    "unknown keyword": (changed("    End Site", "    LIMITS 3\n    End Site"), 10),
    "200 deep": (nested(200), None),
    "10,000 deep": (nested(10_000), None),
    "100,000 joints": (wide(100_000), None),
    "one line of 4 MB in the header": (changed("OFFSET 0 45 0", "OFFSET 0 45 0" + " " * 4_000_000), 8),
    "one row of 4 MB": (changed(ROW, "0 " * 2_000_000), 19),
    "two million lines": (changed(ROW, ROW + "\n" * 2_000_000), 1_000_000),
    "NUL bytes": (changed("Spine", "Sp\0ne"), 6),
    "UTF-16": (GOOD.encode("utf-16"), 1),
    "UTF-16 without mark": (GOOD.encode("utf-16-le"), 1),
    "binary FBX": (b"Kaydara FBX Binary  \x00\x1a\x00" + bytes(64), 1),
    "gzip": (gzip.compress(GOOD.encode(), mtime=0), 1),
    "zip archive": (b"PK\x03\x04" + bytes(60), 1),
    "HTML error page": ("<!DOCTYPE html><html><body>404 Not Found</body></html>\n", 1),
    "JSON": ('{"frames": []}', 1),
    "ASF skeleton": (":version 1.10\n:name VICON\n", 1),
}  # fmt: skip

# name -> (contents, joints, frames)
VALID: dict[str, tuple[str | bytes, int, int]] = {
    "plain": (GOOD, 2, 3),
    "CRLF": (GOOD.replace("\n", "\r\n"), 2, 3),
    "CR": (GOOD.replace("\n", "\r"), 2, 3),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 2, 3),
    "tabs": (GOOD.replace(" ", "\t"), 2, 3),
    "trailing spaces": (GOOD.replace("\n", "   \n"), 2, 3),
    "blank lines": (GOOD.replace("\n", "\n\n"), 2, 3),
    "comment at the end": (GOOD + "# exported by hand\n", 2, 3),
    "lower-case keywords": (GOOD.lower(), 2, 3),
    "upper-case keywords": (GOOD.upper(), 2, 3),
    "Frames without a space": (changed("Frames: 3", "Frames:3"), 2, 3),
    "Frame Time before Frames": (changed("Frames: 3\nFrame Time: 0.0333333", "Frame Time: 0.0333333\nFrames: 3"), 2, 3),
    "scientific notation": (GOOD.replace(ROW, "0 9.5e1 0 1E0 +2 -3e-2 4. .5 6"), 2, 3),
    "six channels on a joint": (
        changed("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition").replace(ROW, "0 95 0 1 2 3 0 45 0 4 5 6"), 2, 3,
    ),
    "root with three channels": (
        changed("6 Xposition Yposition Zposition", "3").replace(ROW, "1 2 3 4 5 6"), 2, 3,
    ),
    "positions in any order": (
        changed("Xposition Yposition Zposition", "Zposition Xposition Yposition").replace(ROW, "0 0 95 1 2 3 4 5 6"), 2, 3,
    ),
    "rotations before positions": (
        changed("6 Xposition Yposition Zposition Zrotation Xrotation Yrotation",
                "6 Zrotation Xrotation Yrotation Xposition Yposition Zposition")
        .replace(ROW, "1 2 3 0 95 0 4 5 6"), 2, 3,
    ),
    "one rotation channel": (
        changed("CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS 1 Xrotation").replace(ROW, "0 95 0 1 2 3 4"), 2, 3,
    ),
    "a joint without channels": (
        changed("CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS 0").replace(ROW, "0 95 0 1 2 3"), 2, 3,
    ),
    "missing End Site": (changed("    End Site\n    {\n      OFFSET 0 30 0\n    }\n", ""), 2, 3),
    "one joint": ("HIERARCHY\nROOT r\n{\nOFFSET 0 0 0\nCHANNELS 1 Yrotation\n}\nMOTION\nFrames: 1\nFrame Time: 1\n5", 1, 1),
    "zero-length offsets": (changed("OFFSET 0 45 0", "OFFSET 0 0 0"), 2, 3),
    "name with spaces": (changed("JOINT Spine", "JOINT Lower  Spine 1"), 2, 3),
    "name with a colon": (changed("JOINT Spine", "JOINT mixamorig:Spine"), 2, 3),
    "name not ASCII": (changed("JOINT Spine", "JOINT 脊椎"), 2, 3),
    "name in Latin-1": (changed("JOINT Spine", "JOINT Rückgrat").encode("latin-1"), 2, 3),
    "name like a keyword": (changed("JOINT Spine", "JOINT Motion"), 2, 3),
    "no newline at the end": (GOOD.rstrip("\n"), 2, 3),
    "braces on the line of the name": (GOOD.replace("\n{", " {").replace("\n    {", " {").replace("\n  {", " {"), 2, 3),
    "End Site on one line": (changed("End Site\n    {\n      OFFSET 0 30 0\n    }", "End Site { OFFSET 0 30 0 }"), 2, 3),
    "frame time of 120": (changed("0.0333333", "0.0083333"), 2, 3),
    "one frame": (changed("Frames: 3", "Frames: 1").replace(f"{ROW}\n{ROW}\n{ROW}", ROW), 2, 1),
    "angle beyond a turn": (GOOD.replace(ROW, "0 95 0 1 7200 3 4 5 6"), 2, 3),
}  # fmt: skip
