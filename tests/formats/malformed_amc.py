"""Acclaim files by hand: broken skeletons and motions (each must be refused with its line) and odd but valid ones."""

from __future__ import annotations

ASF = """# made by hand
:version 1.10
:name test
:units
  mass 1.0
  length 0.45
  angle deg
:documentation
  two legs of a body
:root
  order TX TY TZ RX RY RZ
  axis XYZ
  position 0 0 0
  orientation 0 0 0
:bonedata
  begin
    id 1
    name thigh
    direction 0 -1 0
    length 8
    axis 0 0 20 XYZ
    dof rx ry rz
    limits (-160.0 20.0)
           (-70.0 70.0)
           (-60.0 70.0)
  end
  begin
    id 2
    name shin
    direction 0 -1 0
    length 7
    axis 0 0 20 XYZ
    dof rx
    limits (-10.0 170.0)
  end
  begin
    id 3
    name spine
    direction 0 1 0
    length 9
    axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root thigh spine
    thigh shin
  end
"""
FRAME = "root 0 17 0 0 90 0\nthigh 10 20 30\nshin 40\n"
AMC = f"# by hand\n:FULLY-SPECIFIED\n:DEGREES\n1\n{FRAME}2\n{FRAME}3\n{FRAME}"


def asf(old: str, new: str) -> str:
    """ASF with a piece replaced once; fails when the piece is not there."""
    assert old in ASF
    return ASF.replace(old, new, 1)


def amc(old: str, new: str) -> str:
    """AMC with a piece replaced once; fails when the piece is not there."""
    assert old in AMC
    return AMC.replace(old, new, 1)


def chain(count: int) -> str:
    bones = "".join(f"begin\nname b{i}\ndirection 0 1 0\nlength 1\nend\n" for i in range(count))
    tree = "".join(f"{f'b{i - 1}' if i else 'root'} b{i}\n" for i in range(count))
    return f":root\norder TX TY TZ RX RY RZ\n:bonedata\n{bones}:hierarchy\nbegin\n{tree}end\n"


# name -> (contents, line that is named or None for no particular line, part of the message)
BROKEN_ASF: dict[str, tuple[str | bytes, int | None, str]] = {
    "empty": ("", None, "no order"),
    "a motion, not a skeleton": (AMC, None, ""),
    "web page": ("<!DOCTYPE html>\n<html></html>\n", 1, "expected a section"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00", None, "gzip"),
    "NUL bytes": (ASF.encode().replace(b"thigh", b"th\0gh", 1), 18, "NUL"),
    "endless line": (":name " + "x" * 2_000_000 + "\n" + ASF, 1, "characters in one line"),
    "length 0": (asf("length 0.45", "length 0"), 6, "length factor"),
    "length nan": (asf("length 0.45", "length nan"), 6, "finite"),
    "length -1": (asf("length 0.45", "length -1"), 6, "length factor"),
    "angle in grads": (asf("angle deg", "angle grad"), 7, "deg or rad"),
    "unknown unit": (asf("mass 1.0", "colour 1.0"), 5, "unknown unit"),
    "root order short": (asf("TX TY TZ RX RY RZ", "TX TY TZ RX RY"), 11, "order"),
    "root order twice": (asf("RX RY RZ", "RX RY RY"), 11, "order"),
    "no root order": (asf("  order TX TY TZ RX RY RZ\n", ""), None, "no order"),
    "root axis": (asf("axis XYZ", "axis XXZ"), 12, "axis order"),
    "root position short": (asf("position 0 0 0", "position 0 0"), 13, "3 finite"),
    "root far away": (asf("position 0 0 0", "position 0 1e9 0"), None, "m away"),
    "unknown root entry": (asf("orientation", "mood"), 14, "unknown root entry"),
    "no begin": (asf("  begin\n    id 1", "    id 1"), 16, "expected 'begin'"),
    "no end": (asf("  end\n  begin\n    id 2", "  begin\n    id 2"), 26, "no 'end'"),
    "last bone without end": (asf("  end\n:hier", ":hier"), 42, "without 'end'"),
    "two numbers for a direction": (asf("0 -1 0\n    length 8", "0 -1\n    length 8"), 19, "direction"),
    "direction of no length": (asf("direction 0 -1 0", "direction 0 0 0"), 19, "unit vector"),
    "direction nan": (asf("direction 0 -1 0", "direction 0 nan 0"), 19, "finite"),
    "bone of -8": (asf("length 8", "length -8"), 20, "m long"),
    "bone of 1e30": (asf("length 8", "length 1e30"), 20, "m long"),
    "decimal comma": (asf("length 8", "length 8,5"), 20, "comma"),
    "underscore": (asf("length 8", "length 8_0"), 20, "number"),
    "bone without a name": (asf("    name thigh\n", ""), 25, "no name"),
    "bone without a length": (asf("    length 8\n", ""), 25, "no length"),
    "name of two words": (asf("name thigh", "name thigh bone"), 18, "one word"),
    "name twice": (asf("name shin", "name thigh"), 29, "two bones"),
    "a bone called root": (asf("name shin", "name root"), 29, "two bones"),
    "a bone called 12": (asf("name shin", "name 12"), 29, "reads as a number"),
    "entry twice": (asf("    length 8\n", "    length 8\n    length 9\n"), 21, "twice"),
    "unknown entry": (asf("id 1", "weight 1"), 17, "unknown bone entry"),
    "sliding bone": (asf("dof rx ry rz", "dof rx ry tz"), 22, "dof"),
    "dof twice": (asf("dof rx ry rz", "dof rx rx rz"), 22, "dof"),
    "bone axis order": (asf("axis 0 0 20 XYZ", "axis 0 0 20"), 21, "axis order"),
    "no hierarchy": (ASF[: ASF.index(":hierarchy")], None, "no tree"),
    "hierarchy without end": (ASF.replace("    thigh shin\n  end\n", "    thigh shin\n"), None, "without 'end'"),
    "unknown bone in the tree": (asf("    thigh shin\n", "    thigh shin toes\n"), 46, "no bone"),
    "two parents": (asf("    thigh shin\n", "    thigh shin\n    spine shin\n"), 47, "two parents"),
    "the root as child": (asf("    thigh shin\n", "    thigh shin root\n"), 46, "root cannot"),
    "cycle": (
        asf("root thigh spine\n    thigh shin", "root spine\n    thigh shin\n    shin thigh"),
        None,
        "hang",
    ),
    "loose bone": (asf("    root thigh spine\n", "    root thigh\n"), None, "hang on nothing: spine"),
    "too deep": (chain(200), None, "deeper than 128"),
    "too many bones": (chain(600), None, "more than 512"),
}

BROKEN_AMC: dict[str, tuple[str | bytes, int | None, str]] = {
    "empty": ("", None, "no frames"),
    "only a header": (":FULLY-SPECIFIED\n:DEGREES\n", None, "no frames"),
    "comments without end": ("# nothing\n" * 20_000, 10_000, "no frames"),
    "a skeleton, not a motion": (ASF, None, ""),
    "BVH renamed": ("HIERARCHY\nROOT Hips\n{\n", 1, "expected a frame number"),
    "zip": (b"PK\x03\x04\x00\x00", None, "zip"),
    "NUL bytes": (AMC.encode().replace(b"shin 40", b"shin \x00", 1), 7, "NUL"),
    "UTF-16": (AMC.encode("utf-16"), None, "UTF-16"),
    "endless line": (amc("shin 40", "shin " + "4 " * 1_000_000), 7, "characters in one line"),
    "bone before the first frame": (amc("1\nroot", "root"), 4, "before the first frame"),
    "unknown bone": (amc("shin 40", "tail 40"), 7, "another skeleton"),
    "bone that cannot move": (amc("shin 40", "spine 40"), 7, "expected a frame number"),
    "bone twice": (amc("shin 40", "shin 40\nshin 41"), 8, "twice"),
    "bone missing": (amc("shin 40\n2", "2"), 7, "no line for bone 'shin'"),
    "bone missing everywhere": (AMC.replace("shin 40\n", ""), 7, "no line for bone 'shin'"),
    "last frame cut off": (AMC[: AMC.rindex("shin")], 14, "cut off"),
    "too few numbers": (amc("thigh 10 20 30", "thigh 10 20"), 6, "its skeleton says 3"),
    "too many numbers": (amc("shin 40", "shin 40 50"), 7, "its skeleton says 1"),
    "number moved to the next frame": (amc("shin 40\n2\n", "shin\n2\n"), 7, "has 0 number"),
    "name inside a line": (amc("shin 40", "shin").replace("shin 40\n3", "40 shin 40\n3", 1), 7, "0 number"),
    "word for a number": (amc("shin 40", "shin forty"), 7, "needs numbers"),
    "decimal comma": (amc("thigh 10 20 30", "thigh 10,5 20 30"), 6, "comma"),
    "underscore": (amc("shin 40", "shin 4_0"), 7, "needs numbers"),
    "foreign digits": (amc("shin 40", "shin ٤٠"), 7, "needs numbers"),
    "nan": (amc("shin 40", "shin nan"), None, "bone 'shin'"),
    "inf": (amc("root 0 17", "root 0 inf"), None, "bone 'root'"),
    "1e400": (amc("shin 40", "shin 1e400"), None, "bone 'shin'"),
    "a turn of 1e9 degrees": (amc("shin 40", "shin 1e9"), None, "frame 1"),
    "root far away": (amc("root 0 17", "root 0 900000"), None, "m away"),
    "frame number twice": (amc("\n2\n", "\n1\n"), 8, "must rise by 1"),
    "frame left out": (amc("\n2\n", "\n5\n"), 8, "must rise by 1"),
    "frame -1": (amc("\n1\n", "\n-1\n"), 4, "expected a frame number"),
    "frame 1.0": (amc("\n1\n", "\n1.0\n"), 4, "expected a frame number"),
    "frame 10^30": (amc("\n1\n", "\n1" + "0" * 30 + "\n"), 4, "expected a frame number"),
    "header in the middle": (amc("\n2\n", "\n:RADIANS\n2\n"), 8, "after the first frame"),
    "rate 0": (amc(":DEGREES", ":SAMPLES-PER-SECOND 0"), 3, "1 and 1000"),
    "rate of words": (amc(":DEGREES", ":SAMPLES-PER-SECOND many"), 3, "one number"),
}

# name -> contents; each holds 3 frames
VALID_AMC: dict[str, str | bytes] = {
    "as it is": AMC,
    "CRLF": AMC.replace("\n", "\r\n"),
    "CR": AMC.replace("\n", "\r"),
    "BOM": "\ufeff" + AMC,
    "Latin-1 comment": amc("by hand", "für Bonn").encode("latin-1"),
    "tabs": AMC.replace(" ", "\t"),
    "indented": AMC.replace("\n", "\n  "),
    "blank lines and comments": amc("\n2\n", "\n\n# a comment\n2\n"),
    "no header": AMC[AMC.index("1\n") :],
    "no last line end": AMC.rstrip("\n"),
    "another order of bones in one frame": amc("thigh 10 20 30\nshin 40\n", "shin 40\nthigh 10 20 30\n"),
    "exponents": AMC.replace("40", "4.0e+001"),
    "first frame 101": AMC.replace("\n1\n", "\n101\n").replace("\n2\n", "\n102\n").replace("\n3\n", "\n103\n"),
}
