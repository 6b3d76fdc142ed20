"""Text on pictures: the font that comes with Pillow, a system font for scripts it lacks, and wrapping."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

# Pillow's own font has Latin letters only. These are looked for by name, where text needs more; none is required.
_WIDE_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "PingFang.ttc",
    "Hiragino Sans GB.ttc", "msyh.ttc", "simsun.ttc", "DroidSansFallbackFull.ttf", "DejaVuSans.ttf",
)  # fmt: skip


@lru_cache(maxsize=64)
def _plain(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)  # Pillow is built with FreeType in every wheel
    return found


@lru_cache(maxsize=64)
def _wide(size: int) -> ImageFont.FreeTypeFont:
    for name in _WIDE_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return _plain(size)


def font(size: int, text: str = "") -> ImageFont.FreeTypeFont:
    """A font of ``size`` pixels that has the letters of ``text``, as far as this machine has one."""
    return _plain(size) if all(ord(letter) < 0x250 or letter in "–—‘’“”…·" for letter in text) else _wide(size)


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """Break a text into at most ``most`` lines of ``width`` pixels; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text):
        if face.getlength((line + word).rstrip()) <= width:
            line += word
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = word.lstrip()
        while face.getlength(line.rstrip()) > width:  # a long word, such as a file's name, is cut
            part = max(1, len(_that_fits(line, face, width)))
            lines.append(line[:part])
            line = line[part:]
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [line_that_fits(line, face, width) for line in lines if line]


def line_that_fits(line: str, face: ImageFont.FreeTypeFont, width: int) -> str:
    """The line, or as much of its start as fits with an ellipsis."""
    line = line[:2000]
    if face.getlength(line) <= width:
        return line
    return _that_fits(line, face, width - face.getlength("…")).rstrip() + "…"


def _that_fits(line: str, face: ImageFont.FreeTypeFont, width: float) -> str:
    """The longest start of a line that is no wider than ``width`` pixels."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if face.getlength(line[:middle]) <= width else (low, middle - 1)
    return line[:low]


def _pieces(text: str) -> list[str]:
    """Words with their trailing space; letters of scripts without spaces stand alone."""
    pieces, word = [], ""
    for letter in " ".join(text.split()):
        word += letter
        if letter == " " or ord(letter) > 0x2E80:
            pieces.append(word)
            word = ""
    return [*pieces, word] if word else pieces
