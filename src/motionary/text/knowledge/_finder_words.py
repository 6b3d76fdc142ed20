"""The small words around an action, as data: what may stand inside a phrase, and what only looks like an action."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ARTICLES = _set("a an the one's its his her their your my some this that these those own it's")
#: In a phrase of an entry these stand for any thing, and are left out after a verb that is clear without one.
ANYTHING = _set("something thing things object objects item items")
#: Words that "someone" in a phrase of an entry stands for.
PERSONS = _set("someone somebody person people friend opponent partner man woman him them other others child")
SIDES = _set("left right")
PARTICLES = _set(
    "up down out off on over away back around round in into through along across about together apart aside"
)
DIRECTIONS = _set("left right forward forwards backward backwards back front side sideways up down ahead clockwise")
#: Before a direction these may stand inside a phrase: "turn to the left" is "turn left".
TOWARDS = _set("to toward towards")
#: A phrase never reaches over one of these.
BORDERS = _set(
    ". , ; : ! ? and then but or while as before after when until with without of in from for by at near against "
    "behind beside between under above like than that which who to toward towards into onto on over"
)
BODY = _set(
    "hand arm leg foot head face back chest knee elbow shoulder hip wrist ankle palm fist finger thumb toe heel "
    "eye mouth nose ear neck chin waist stomach belly torso body forearm thigh calf shin forehead hair lap"
)
LIMBS = _set("hand arm leg foot knee elbow")
#: Things that are also verbs: a thing after an article, a number, a preposition or another verb.
THINGS = BODY | _set(
    "box watch phone rope hammer bat club ball rock duck fly fish park place ground floor table chair bench bar "
    "stick saw iron brush comb drum stool bag bottle cup pocket shelf screen button bed book paper water light "
    "fire position pose level front number space air line direction path cart wheel rail railing step stair "
    "ladder monkey dog cat cow bear hose mop shovel pump plant point key picture board wind beam screw"
)
#: Words for an action that a light verb makes one ("take a bow"), and for a thing otherwise ("draw a bow").
EITHER = _set("bow rest drink row play pass press sweep stand slide swing stroke point step seat bat")
LIGHT = _set("do make take give have perform execute practice practise complete attempt get go throw hit")
#: Of these verbs only a blow is the action: "throw a punch" is a punch, "throw a ball" is a throw.
BLOWS = {
    "throw": _set("punch kick jab hook uppercut cross knee elbow haymaker tantrum"),
    "hit": _set("handstand headstand pose jab"),
    "get": _set("hug kick"),
    "go": _set("walk jog run swim stroll hike sprint ride dance skip climb"),
}
#: Between a light verb and its noun.
INSIDE = (
    ARTICLES
    | SIDES
    | _set(
        "one two three four five six seven eight nine ten several few couple many multiple series of for another both "
        "each big small large little long short quick slow fast full half double single high low deep light heavy "
        "gentle hard forward backward backwards side front back good nice brief first second last more repeated set "
        "around straight wide strong weak final lateral flying spinning roundhouse"
    )
)
#: Before a verb, so that "box" or "face" after it is one.
SUBJECTS = _set(
    "person man woman human figure character individual someone somebody he she they it who boy girl child kid "
    "people guy lady adult to and then or also but while is are was be will can 's now again not player dancer "
    "boxer"
)
_FALSE_FRIENDS = (
    "in front of", "in place", "in a row", "run hand", "run finger", "run arm", "left over", "and so forth",
    "jump rope handle", "back of", "in the middle", "on the spot", "stand by for", "kind of", "look like",
    "feel like", "as well as", "at rest", "at the same time", "the rest of", "fall asleep", "in step",
    "out of step", "step stool", "punching bag", "walking stick", "rocking chair", "swing set",
    "jumping rope handle", "at a time", "bow tie", "drinking glass", "running shoe", "standing position",
    "starting position", "walking pace", "running pace", "sitting position", "standing height", "starting pose",
    "dance floor", "in a circle", "goes on", "takes place", "take place", "take turn", "turn out", "as if",
    "in order to", "hand side", "at walking speed", "drink machine", "boxing glove", "golf ball", "swimming pool",
    "climbing frame",
)  # fmt: skip
#: Phrases in which a known word is no action, by first word.
FALSE_FRIENDS_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
for _phrase in _FALSE_FRIENDS:
    FALSE_FRIENDS_BY_FIRST.setdefault(_phrase.split()[0], []).append(tuple(_phrase.split()))
#: Words so wide that they are an action only where nothing else is found.
WIDE = _set(
    "start begin try continue finish keep do be act perform prepare practice practise have get make go come move "
    "use react switch change return lose interact manipulate feel seem show need want think repeat"
)
#: Movement of a body part that has no better word; (words of which one must occur, name of the entry).
PART_MOVEMENTS = (
    ("hand hands finger fingers fingertips fist fists palm palms", "hand movements"),
    ("wrist wrists", "wrist movements"),
    ("arm arms elbow elbows forearm forearms bicep biceps", "arm movements"),
    ("shoulder shoulders", "shoulder movements"),
    ("knee knees", "knee movement"),
    ("foot feet ankle ankles toe toes heel heels", "foot movements"),
    ("leg legs thigh thighs calf calves", "leg movements"),
    ("head neck chin face", "head movements"),
    ("waist hip hips pelvis", "waist movements"),
    ("torso chest back upper", "upper body movements"),
    ("forward forwards ahead", "forward movement"),
    ("backward backwards", "backwards movement"),
    ("sideways sidewards", "sideways movement"),
    ("circle circles circular", "circular movement"),
)
