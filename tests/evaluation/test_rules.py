"""Claims of sentences, and their check against motions that do or do not do what is said."""

from __future__ import annotations

import numpy as np
import pytest

import motions
from motionary.evaluation.rules import check, check_facts, claims
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.facts import measure

SENTENCES = {
    "a person walks forward": "move walk; direction forward",
    "A person is walking forwards.": "move walk; direction forward",
    "walk backwards": "move walk; direction backward",
    "someone strolls to the left": "move walk; direction left",
    "a man walks leftwards": "move walk; direction left",
    "he steps sideways": "move step; direction sideways",
    "a person takes a step back": "steps 1; direction backward",
    "a person walks forward, turns around and walks back": "move walk; direction forward; around",
    "a person walks forward then backward": "move walk; direction forward; direction backward",
    "a person turns left": "turn left",
    "turn to the right": "turn right",
    "a person makes a left turn": "turn left",
    "a 90 degree turn to the right while walking": "turn_degrees 90; turn right; move walk",
    "the person turns 90 degrees to the right": "turn_degrees 90; turn right",
    "a person turns": "turn any",
    "she turns around": "around",
    "someone makes a U-turn": "around",
    "a person walks a quarter circle to the left": "move walk; turn_degrees 90; turn left",
    "a person walks in a circle": "move walk; circle",
    "a person walks in a clockwise circle": "move walk; circle; turn right",
    "a person jogs counter-clockwise": "move run; turn left",
    "a person walks anti clockwise": "move walk; turn left",
    "a person spins": "spin any",
    "a person turns his head to the left": "",
    "a person turns left and then right": "turn left; turn right",
    "a person raises the left hand": "raise left",
    "raise both arms above the head": "raise both; overhead both",
    "a person lifts his right arm": "raise right",
    "a person puts his hands up": "raise both",
    "a person holds up the left arm": "raise left",
    "a person raises an arm": "raise any",
    "a person raises his left and right hand": "raise both",
    "someone waves": "wave any",
    "a person waves with the right hand": "wave right",
    "a person waves both hands overhead": "wave both; overhead both",
    "a person waves with the left hand from left to right": "wave left",
    "a person raises the right hand and waves": "raise right; wave right",
    "a person throws a ball with the left hand": "hand left",
    "picks something up with the right hand": "hand right",
    "a person punches with the right fist": "hand right",
    "a person kicks": "kick any",
    "a person kicks with the left leg": "kick left",
    "right leg kick": "kick right",
    "a person lifts the left knee": "lift_foot left",
    "a person walks slowly": "move walk; speed slow",
    "a person slowly walks": "move walk; speed slow",
    "a person runs very fast": "move run; speed fast",
    "walk at a brisk pace": "move walk; speed fast",
    "a person slowly raises the left arm": "raise left",
    "a person walks and slowly waves": "move walk; wave any",
    "a person sprints": "move run",
    "a person jumps": "posture jump",
    "a person jumps forward twice": "posture jump; direction forward; count jump 2",
    "a person does three squats": "posture crouch; count crouch 3",
    "a person squats down and stands up": "posture crouch; posture standup",
    "a person bows": "posture bend",
    "a person bends over": "posture bend",
    "a person bends his knees": "",
    "a person lies down on the floor": "posture lie",
    "a person sits down": "posture sit",
    "a person kneels": "posture kneel",
    "a person crawls forward": "move crawl; direction forward",
    "a person takes four steps forward": "steps 4; direction forward",
    "a person walks 4 steps": "move walk; steps 4",
    "a person walks a few steps": "move walk; steps -1",
    "a person walks about two meters": "move walk; distance 2",
    "a person waves five times": "wave any; count wave 5",
    "a person waves repeatedly": "wave any; count wave -1",
    "a person walks for three seconds": "move walk; duration 3",
    "a person stands still": "still",
    "a person jogs in place": "still in place",
    "turns on the spot": "turn any",
    "a person turns a cartwheel": "",
    "a person throws a right hook": "hand right",
    "a person holds the right arm in the air": "hand right; raise right",
    "a person walks in a straight line": "move walk; straight",
    "a person walks starting with the left foot": "move walk; first_step left",
    "a person hops on the left foot": "posture hop; support left",
    "a person does not walk": "",
    "a person walks without turning": "move walk",
    "a person walks without turning and raises the left hand": "move walk; raise left",
    "a person moves like a robot turning left": "",
    "a person dances": "",
    "a person moves the left arm forward": "hand left",
    "": "",
    "???": "",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_claims(text: str) -> None:
    assert "; ".join(map(str, claims(text))) == SENTENCES[text]


def test_kinds_and_headline() -> None:
    found = claims("a person walks four steps and turns left")
    assert found.kinds == {"move", "steps", "turn"}
    assert found.headline
    assert not claims("a person squats").headline
    assert len(found) == 3


def reversed_walk() -> Motion:
    walk = motions.walk()
    return Motion(HUMAN, walk.root[::-1], walk.rotations[::-1], walk.fps)


def turning(degrees: float, seconds: float = 2.0) -> Motion:
    still = motions.stand(seconds)
    rotations = still.rotations.copy()
    ramp = np.clip(np.linspace(-0.5, 1.5, len(still)), 0, 1)
    rotations[:, 0] = rot.from_axis("Y", np.radians(degrees) * ramp)
    return Motion(HUMAN, still.root, rotations, still.fps)


MOTIONS = {
    "walk": motions.walk(),
    "back": reversed_walk(),
    "slow": motions.walk(4, speed=0.4),
    "left wave": motions.wave(side="left"),
    "right wave": motions.wave(side="right"),
    "spin": motions.spin(),
    "turn left": turning(90),
    "turn right": turning(-90),
    "around": turning(180),
    "jump": motions.jump(),
    "stand": motions.stand(),
}
VERDICTS = [
    ("walk", "a person walks forward", True),
    ("walk", "a person walks backwards", False),
    ("walk", "a person walks to the left", False),
    ("walk", "a person runs", False),
    ("walk", "a person walks six steps", True),
    ("walk", "a person walks two steps", False),
    ("walk", "a person walks two steps, stops and walks three steps", True),
    ("walk", "a person walks about 3 meters", True),
    ("walk", "a person walks about 6 meters", False),
    ("walk", "a person walks in a straight line for three seconds", True),
    ("walk", "a person walks and turns left", False),
    ("walk", "a person walks in a circle", False),
    ("walk", "a person stands still", False),
    ("walk", "a person raises the left hand", False),
    ("walk", "a person sits down", False),
    ("back", "a person walks backwards", True),
    ("back", "a person walks forward", False),
    ("slow", "a person walks slowly", True),
    ("slow", "a person walks quickly", False),
    ("left wave", "a person waves the left hand", True),
    ("left wave", "a person waves the right hand", False),
    ("left wave", "a person waves both hands", False),
    ("left wave", "a person raises the left hand above the head", True),
    ("left wave", "a person raises the right hand", False),
    ("left wave", "a person waves four times", True),
    ("left wave", "a person waves", True),
    ("left wave", "a person jumps", False),
    ("left wave", "a person walks", False),
    ("right wave", "a person waves the right hand", True),
    ("right wave", "a person waves the left hand", False),
    ("spin", "a person spins", True),
    ("spin", "a person walks in a circle to the left", True),
    ("spin", "a person walks in a circle to the right", False),
    ("turn left", "a person turns left", True),
    ("turn left", "a person turns right", False),
    ("turn left", "a person turns 90 degrees", True),
    ("turn left", "a person turns around", False),
    ("turn right", "a person turns right", True),
    ("turn right", "a person turns left", False),
    ("around", "a person turns around", True),
    ("jump", "a person jumps", True),
    ("jump", "a person jumps up twice", True),  # one more or less is a matter of taste
    ("jump", "a person jumps five times", False),
    ("jump", "a person squats", False),
    ("stand", "a person stands still", True),
    ("stand", "a person waves", False),
    ("stand", "a person bows", False),
    ("stand", "a person kicks with the left leg", False),
    ("stand", "a person dances", None),
]
FACTS = {name: measure(motion) for name, motion in MOTIONS.items()}


@pytest.mark.parametrize(("name", "text", "passed"), VERDICTS)
def test_verdicts(name: str, text: str, passed: bool | None) -> None:
    report = check_facts(text, FACTS[name])
    assert report.passed is passed, report


def test_check_measures_the_motion_and_reports() -> None:
    report = check("a person walks forward and waves", MOTIONS["walk"])
    assert report.as_dict()["passed"] is False
    assert [claim.passed for claim in report.claims] == [True, True, False]
    assert report.claims[0].stated == "move walk"
    assert "m/s" in report.claims[0].measured


def test_every_kind_of_claim_is_verified() -> None:
    every = {kind for text in SENTENCES for kind in claims(text).kinds}
    for text in SENTENCES:
        for facts in FACTS.values():
            check_facts(text, facts)
    assert len(every) >= 22
