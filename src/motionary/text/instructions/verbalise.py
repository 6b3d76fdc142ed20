"""Numbers, durations and names of body parts in the words of English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from motionary.errors import InputError

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_HAN = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))

_NAMES = {
    "en": {"face": "the face", "hands": "the hands", "upper": "the upper body", "lower": "the lower body"},
    "zh": {"face": "面部", "hands": "双手", "upper": "上半身", "lower": "下半身"},
}
#: The longest duration that can be said, seconds, and the most frames.
LONGEST = 9999


def english_number(value: int) -> str:
    """0 to 9999 in words: "one hundred and five"."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    rest = value % size
    link = " and " if rest < 100 else " "
    return f"{english_number(value // size)} {name}" + (link + english_number(rest) if rest else "")


def chinese_number(value: int) -> str:
    """0 to 9999 in characters: "一百零五"; ten to nineteen without the one."""
    result, gap = "", False
    for size, name in _UNITS:
        digit, value = divmod(value, size)
        if digit:
            result += ("零" if gap else "") + ("" if size == 10 and digit == 1 and not result else _HAN[digit]) + name
        gap = bool(result) and not digit
    return result + ("零" if gap and value else "") + (_HAN[value] if value or not result else "")


def _counted(value: int) -> str:
    """As ``chinese_number``, as it is said before a measure word: two is "两" alone."""
    return "两" if value == 2 else chinese_number(value)


def frames(value: float, language: str, words: bool) -> str:
    """A number of frames with its unit, in digits or words. Raises InputError below 1, above 9999, between integers."""
    count = _checked("frames", value)
    if count != int(count):
        raise InputError(f"frames must be a whole number; got {value}")
    whole = int(count)
    if language == "zh":
        return f"{_counted(whole) if words else whole}帧"
    return f"{english_number(whole) if words else whole} frame{'s' * (whole != 1)}"


def seconds(value: float, language: str, words: bool) -> str:
    """A duration to a tenth of a second with its unit, in digits or words. Raises InputError outside 0.05 to 9999."""
    tenths = max(1, round(_checked("seconds", value, 0.05) * 10))
    whole, rest = divmod(tenths, 10)
    if not words:
        digits = f"{whole}.{rest}" if rest else str(whole)
        return f"{digits}秒" if language == "zh" else f"{digits} second{'s' * (tenths != 10)}"
    return _chinese_seconds(whole, rest) if language == "zh" else _english_seconds(whole, rest)


def _english_seconds(whole: int, rest: int) -> str:
    if rest == 5:
        return f"{english_number(whole)} and a half seconds" if whole else "half a second"
    point = f" point {_ONES[rest]}" if rest else ""
    return f"{english_number(whole)}{point} second{'s' * bool(whole != 1 or rest)}"


def _chinese_seconds(whole: int, rest: int) -> str:
    if rest == 5:
        return f"{_counted(whole)}秒半" if whole else "半秒"
    return f"{chinese_number(whole)}点{_HAN[rest]}秒" if rest else f"{_counted(whole)}秒"


def _checked(what: str, value: float, least: float = 1) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= LONGEST:
        raise InputError(f"{what} must be a number from {least:g} to {LONGEST}; got {value!r}")
    return float(value)


def part_names(parts: Sequence[str], language: str) -> str:
    """Names of parts as a list within a sentence: "the face and the hands". Raises InputError for none or unknown."""
    names = _NAMES[language]
    unknown = [part for part in parts if part not in names]
    if unknown or not parts or isinstance(parts, str):
        raise InputError(f"parts must be one or more of {', '.join(names)}; got {parts!r}")
    *first, last = (names[part] for part in parts)
    if language == "zh":
        return "、".join(first) + ("和" if first else "") + last
    return ", ".join(first) + (" and " if first else "") + last


def quoted(text: str, language: str) -> str:
    """A text in the quotation marks of its language."""
    return f"“{text}”" if language == "zh" else f'"{text}"'
