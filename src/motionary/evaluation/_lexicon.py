"""The words that ``rules.claims`` knows, as data: an ordered table of (event, value, pattern).

At every word of a sentence the first pattern that matches there wins, so longer phrases come first. A new word is one
more entry. ``{hand}`` etc. are filled from NOUNS; verbs are given in their base form and matched in every form.
"""

# ruff: noqa: E501 (a table: a pattern stays on one line)
from __future__ import annotations

import re

from motionary.text.english import NUMBERS, forms

NOUNS = {
    "hand": "hand|hands|arm|arms|fist|fists|palm|palms|wrist|wrists|forearm|forearms|elbow|elbows",
    "foot": "foot|feet|leg|legs|knee|knees|ankle|ankles|heel|heels|toes",
    "own": "the|his|her|their|its|your|my|a|it's|there",
    "n": r"\d+(?:\.\d+)?|an?|single|" + "|".join(NUMBERS[1:]),
    "some": "few|several|some|couple of|multiple|many|a few|a couple of|series of",
    "adj": "straight|straightened|outstretched|stretched|bent|big|small|large|little|quick|slow|more|full|short|long|"
    "upper|lower|extended|raised|whole|forward|backward|backwards|forwards|steady|fast|heavy|careful|deep|sideways|high",
}

# What a verb is about decides what "left" or "forward" after it mean.
VERBS: dict[str, str] = {
    "walk": "walk stroll march stride amble saunter wander tread strut swagger limp trudge plod tiptoe sneak creep "
    "wade hobble waddle stagger toddle mosey shamble prowl",
    "run": "run jog sprint dash race trot",
    "step": "step sidestep shuffle sidle strafe dodge lunge stumble tumble lurch",
    "go": "move go proceed travel advance head retreat come pace",
    "crawl": "crawl",
    "turn": "turn rotate pivot swivel veer curve face",
    "spin": "spin twirl whirl pirouette",
    "jump": "jump leap bounce vault",
    "hop": "hop skip",
    "raise": "raise lift elevate",
    "wave": "wave",
    "kick": "kick",
    "crouch": "crouch squat duck stoop hunker",
    "bow": "bow",
    "kneel": "kneel",
    "use": "punch jab box throw toss fling pitch hurl grab grasp reach pick place put point knock catch wipe push pull "
    "hit strike slap stab slash chop swing slice touch take clean wash stir salute gesture beckon press poke drink eat "
    "draw write hammer saw pour open close pat shake scratch extend stretch hold bring keep use deposit shoot thrust set "
    "drop lower hang stick carry greet signal invite present guide usher respond answer summon hail",
    "other": "look nod stand stay wait bend lean dance balance swim climb sway play perform do make fall roll lie sit get "
    "rise rest twist tilt talk speak call shout yell clap cheer ride",
}

_PHRASES: tuple[tuple[str, str, str], ...] = (
    ("stop", "", r"[,.;:!?]|and|then|but|before|after|while|when|until|afterwards|followed by|whilst|as well as"),
    ("hush", "", r"not|never|without|no|don't|doesn't|isn't|dont|doesnt|isnt|rather than|instead of|like|as|resembling"),
    ("skip", "", r"(?:from )?(?:the )?(?:left|right)(?: side)? (?:to|and|or|then) (?:the )?(?:left|right)(?! {limb})"
                 r"|from side to side|side to side|back and forth|to and fro|up and down|forwards? and backwards?(?= with)"
                 r"|in front of|right (?:away|now|after|angles?)|left (?:the|over)|all right|so forth|turn(?:s|ing|ed)? an? (?:cart)?wheel"
                 r"|(?:turn|turns|turned|turning) (?:{own} )?(?:head|face|body|torso|upper body|waist|wrists?|"
                 r"wheel|page|hips?|shoulders?|on the (?!spot)|off|over|pages|hands?)"),
    ("skip", "", r"(?:step|steps|stepped|stepping|move|moves|moving) (?:over|on|up|down|onto|off)\b"),
    # hands and feet with a side
    ("first", "", r"(?:start|starts|starting|begin|begins|beginning|leading|leads) (?:with|on|off with) (?:{own} )?"
                  r"(?P<side>left|right)(?: foot| leg)?|(?P<side2>left|right) (?:foot|leg) first"),
    ("strike", "", r"(?:{own} )?(?P<side>left|right) (?:{adj} )?(?:jab|punch|hook|uppercut|cross)"),
    ("hand", "", r"(?:{own} )?(?:left and (?:{own} )?right|right and (?:{own} )?left|both|two|each)(?: of {own})?"
                 r" (?:{adj} )?(?P<both>{hand})"),
    ("hand", "", r"(?:{own} |one )?(?:(?P<side>left|right) (?:{adj} )?)(?:{hand})(?! side)"),
    ("hand", "", r"(?:{own} )?(?:{adj} )?(?P<both>hands|arms|fists|palms)"),
    ("hand", "", r"(?:{own} |one )?(?:{adj} )?(?:hand|arm|fist|palm)(?!s)"),
    ("support", "", r"(?:on|onto) (?:only )?(?:{own} )?(?P<side>left|right) (?:foot|leg)"),
    ("foot", "", r"(?:{own} )?(?:both|two|each)(?: of {own})? (?:{adj} )?(?P<both>{foot})"),
    ("foot", "", r"(?:{own} |one )?(?P<side>left|right) (?:{adj} )?(?:{foot})"),
    ("foot", "", r"(?:{own} )?(?:{adj} )?(?P<both>feet|legs|knees|toes)"),
    ("foot", "", r"(?:{own} |one )?(?:{adj} )?(?:foot|leg|knee)"),
    ("overhead", "", r"(?:up )?(?:high )?(?:above|over|higher than) (?:{own} )?heads?|overhead|above shoulder(?: height)?"),
    ("up", "", r"up in the air|in(?:to)? the air|upwards?|up high|high up|straight up|up|high"),
    # turns
    ("around", "", r"u turns?|(?:about|around) face|180 degree turn|180s?(?: degrees?)?(?: turn)?|half (?:a )?turn"),
    ("degrees", "90", r"(?:a )?quarter (?:of a )?(?:circle|turn)"),
    ("degrees", "180", r"(?:a )?(?:half|semi) (?:of a )?(?:a )?circle|semicircle"),
    ("degrees", "", r"(?P<n>\d+) degrees?(?: turn)?|(?P<n2>ninety|forty five) degrees?"),
    ("turnside", "", r"(?:{own} )?(?:{adj} )?(?P<side>left|right)(?: hand)? (?:turn|curve)s?"),
    ("circle", "", r"(?:in |into )?(?:an? )?(?:{adj} |circular |counterclockwise |clockwise )*(?:full )?(?:circles?|360)"
                   r"(?: degrees?)?|round in circles"),
    ("clock", "left", r"(?:in an? )?(?:counter|anti) ?clockwise"),
    ("clock", "right", r"clockwise"),
    ("around", "", r"(?:turn|turns|turning|turned|rotates?|rotating|pivots?|spins?|spinning)(?: (?:all|slowly|quickly))?"
                   r"(?: the way)? (?:around|round|back(?! to))"),
    # directions
    ("side", "", r"(?:(?:to|towards?|on|into|over to) )?(?:{own} )?(?P<side>left|right)(?:wards?)?(?: side| direction)?"),
    ("side", "", r"(?P<side>left|right)wards?"),
    ("direction", "sideways", r"sideways?|sidewards?|side ?ways|to (?:{own} |one )?side|laterally"),
    ("back", "", r"backwards?|in reverse|rearwards?"),
    ("stepback", "", r"back(?! and forth| to| of| in| on)(?: up| away| off)?"),
    ("ahead", "", r"forwards?|ahead|straight (?:on|ahead|forwards?)|to the front"),
    ("straight", "", r"(?:in )?(?:a )?straight(?: line)?"),
    ("still", "", r"(?:stands?|standing|stays?|staying|stood|remains?|keeps?) (?:very |completely |quite )?(?:still|put|motionless)"
                  r"|does not move|motionless"),
    ("still", "in place", r"in (?:one )?place|on the spot(?! where)"),
    # speed
    ("speed", "slow", r"slowly|slow|leisurely|slower"),
    ("speed", "fast", r"quickly|fast|rapidly|briskly|hurriedly|brisk|quick|swiftly|faster|hastily|in a hurry|speedily"),
    # counts
    ("steps", "", r"(?P<n>{n}) (?:{adj} )*(?:foot)?(?:steps?|paces?)"),
    ("steps", "some", r"(?:{some}) (?:{adj} )*(?:steps|paces)"),
    ("metres", "", r"(?:about |around |roughly )?(?P<n>{n}) ?(?:meters?|metres?|m)"),
    ("seconds", "", r"(?:for )?(?:about |around |roughly )?(?P<n>{n}) ?(?:seconds?|s|sec)"),
    ("count", "1", r"once|one time|a single time"),
    ("count", "2", r"twice|two times"),
    ("count", "3", r"thrice"),
    ("count", "", r"(?P<n>{n}) times"),
    ("count", "some", r"(?:{some}) times|repeatedly|over and over|again and again"),
    ("acts", "", r"(?P<n>{n}|{some}) (?:{adj} )*(?P<act>jumps?|hops?|leaps?|squats?|kicks?|waves?|bows?|punches|punch|"
                 r"jumping jacks?|star jumps?|skips?)"),
    # verbs of several words, and those that also mean other things
    ("verb", "standup", r"(?:stands?|standing|stood|gets?|getting|got|rises?|rising)(?: back)? up(?: straight| again)?"
                        r"|rises? to (?:{own} )?feet|gets? to (?:{own} )?feet"),
    ("verb", "raise", r"(?:holds?|holding|held|puts?|putting|throws?|throwing|sticks?|brings?|bringing|stretch(?:es|ing)?) up"),
    ("verb", "sit", r"(?:sits?|sitting|sat)(?! ups?)(?: back)?(?: down)?|takes? a seat"),
    ("verb", "lie", r"(?:lies?|lying|lay|lays|laying)(?: (?:down|on|flat|face))"),
    ("verb", "kneel", r"(?:goes|go|going|drops?|falls?|gets?) (?:down )?(?:to|on) (?:{own} |one |both )?knees?"),
    ("verb", "crawl", r"on (?:all fours|(?:{own} )?hands and knees)"),
    ("verb", "bend", r"(?:bends?|bending|bent|leans?|leaning)(?: (?:down|over|forwards?))+(?: (?:at|from) the waist)?"),
    ("verb", "other", r"(?:bends?|bending|bent) (?:{own} )?(?:{adj} )?(?:knees?|arms?|elbows?|legs?)"),
    ("verb", "use", r"(?:picks?|picking|picked|lifts?|lifting) (?:something|an? (?!left|right)\w+|the (?!left|right)\w+|it|objects?|up)(?: up)?"
                    r"|(?:pick|put|take|place|set)(?:s|ting|ing)? (?:down|off|away|on)|wave(?:s|d)? (?:off|in)"),
    ("verb", "jump", r"jumping jacks?|star jumps?"),
    ("verb", "other", r"(?:hand)?shakes?|runs? (?:{own} )?(?:hands?|fingers?)|(?:run|walk)ways?"),
)  # fmt: skip


def _compiled() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    nouns = {**NOUNS, "limb": f"{NOUNS['hand']}|{NOUNS['foot']}"}
    table: list[tuple[str, str, re.Pattern[str]]] = []
    for event, value, pattern in _PHRASES:
        for name, words in nouns.items():
            pattern = pattern.replace("{" + name + "}", f"(?:{words})")
        table.append((event, value, re.compile(rf"(?:{pattern})(?![\w'])")))
    for act, verbs in VERBS.items():
        every = sorted({form for verb in verbs.split() for form in forms(verb)}, key=len, reverse=True)
        table.append(("verb", act, re.compile(rf"(?:{'|'.join(every)})(?![\w'])")))
    return tuple(table)


PATTERNS = _compiled()
