"""English verb forms and number words: just enough to write and to read sentences about movement."""

from __future__ import annotations

# past, participle; the other forms follow the rules below
_IRREGULAR = {
    "bend": ("bent", "bent"), "bring": ("brought", "brought"), "catch": ("caught", "caught"),
    "creep": ("crept", "crept"), "do": ("did", "done"), "fall": ("fell", "fallen"), "get": ("got", "got"),
    "give": ("gave", "given"), "go": ("went", "gone"), "hit": ("hit", "hit"), "cut": ("cut", "cut"),
    "hold": ("held", "held"), "keep": ("kept", "kept"), "kneel": ("knelt", "knelt"), "leap": ("leapt", "leapt"),
    "lie": ("lay", "lain"),
    "make": ("made", "made"), "put": ("put", "put"), "run": ("ran", "run"), "set": ("set", "set"),
    "shake": ("shook", "shaken"), "sit": ("sat", "sat"), "sneak": ("snuck", "sneaked"), "spin": ("spun", "spun"),
    "stand": ("stood", "stood"), "strike": ("struck", "struck"), "sway": ("swayed", "swayed"),
    "swing": ("swung", "swung"), "take": ("took", "taken"), "throw": ("threw", "thrown"), "come": ("came", "come"),
    "rise": ("rose", "risen"), "stride": ("strode", "stridden"), "say": ("said", "said"), "be": ("was", "been"),
    "fling": ("flung", "flung"), "stick": ("stuck", "stuck"), "drink": ("drank", "drunk"), "see": ("saw", "seen"),
    "ride": ("rode", "ridden"), "swim": ("swam", "swum"), "draw": ("drew", "drawn"), "write": ("wrote", "written"),
    "drive": ("drove", "driven"), "speak": ("spoke", "spoken"), "eat": ("ate", "eaten"), "dig": ("dug", "dug"),
    "shoot": ("shot", "shot"), "slide": ("slid", "slid"), "fight": ("fought", "fought"), "sing": ("sang", "sung"),
    "sleep": ("slept", "slept"), "hang": ("hung", "hung"), "sweep": ("swept", "swept"), "wake": ("woke", "woken"),
    "blow": ("blew", "blown"), "feel": ("felt", "felt"), "fly": ("flew", "flown"), "lead": ("led", "led"),
    "lose": ("lost", "lost"), "leave": ("left", "left"), "ring": ("rang", "rung"), "tear": ("tore", "torn"),
    "wear": ("wore", "worn"), "hurt": ("hurt", "hurt"), "begin": ("began", "begun"), "think": ("thought", "thought"),
    "break": ("broke", "broken"), "teach": ("taught", "taught"), "hide": ("hid", "hidden"), "dive": ("dove", "dived"),
    "split": ("split", "split"), "spread": ("spread", "spread"), "wind": ("wound", "wound"), "lay": ("laid", "laid"),
    "read": ("read", "read"), "beat": ("beat", "beaten"), "feed": ("fed", "fed"), "grind": ("ground", "ground"),
    "freeze": ("froze", "frozen"), "shut": ("shut", "shut"), "let": ("let", "let"), "have": ("had", "had"),
    "steal": ("stole", "stolen"), "weep": ("wept", "wept"), "cast": ("cast", "cast"), "string": ("strung", "strung"),
}  # fmt: skip
_DOUBLED = {
    "run", "step", "hop", "skip", "jog", "squat", "spin", "sit", "stop", "swing", "get", "put", "set", "hit", "bob",
    "clap", "grab", "wag", "nod", "dip", "trot", "slip", "stab", "chop", "drop", "tap", "limp", "flip", "pat", "rub",
    "cup", "cut", "spar", "slam", "tip", "dig", "plod", "strut", "jab", "swim", "slap", "trip", "flap", "stir", "shrug",
    "hug", "drag", "mop", "scrub", "strum", "snap", "whip", "zip", "begin", "sob", "tug", "jut", "sip", "snip", "swat",
    "swap", "throb", "thud", "scan", "skim", "skid", "wrap", "lug", "hum", "pin", "let", "shut", "split", "dab", "quit",
} - {"swing", "limp"}  # fmt: skip

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
           "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")  # fmt: skip


def third_person(verb: str) -> str:
    """walk -> walks, punch -> punches, carry -> carries."""
    if verb in ("be", "have"):
        return "is" if verb == "be" else "has"
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb: str) -> str:
    """walk -> walking, lie -> lying, run -> running, wave -> waving."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith(("ee", "oe")) and verb != "be":
        return verb[:-1] + "ing"
    return verb + "ing"


def past(verb: str) -> str:
    """walk -> walked, run -> ran, hop -> hopped."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb][0]
    if verb in _DOUBLED:
        return verb + verb[-1] + "ed"
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + "ed"


def forms(verb: str) -> tuple[str, ...]:
    """Every form of a verb: base, third person, gerund, past, participle."""
    participle = _IRREGULAR[verb][1] if verb in _IRREGULAR else past(verb)
    return tuple(dict.fromkeys((verb, third_person(verb), gerund(verb), past(verb), participle)))


def number(word: str) -> float | None:
    """ "four", "4", "a", "1.5" as a number; None for other words."""
    if word in ("a", "an", "single"):
        return 1.0
    if word in NUMBERS:
        return float(NUMBERS.index(word))
    try:
        return float(word)
    except ValueError:
        return None
