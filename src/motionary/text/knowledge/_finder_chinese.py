"""Actions in Chinese text: the entries' Chinese phrases, longest first, with the little words inside them."""

from __future__ import annotations

from motionary.text.chinese import simplify
from motionary.text.knowledge._finder_index import Index

#: Words that hold an action's character and are no action.
_FALSE_FRIENDS = (
    "走廊", "跑道", "跑步机", "车站", "站台", "手表", "打算", "开心", "开始", "准备", "继续", "尝试",
    "练习", "舞台", "舞者", "坐标", "拳头", "拳击手", "转角", "拐角", "飞机", "飞快", "推荐", "拉链",
    "滑稽", "游戏", "打扮", "提示", "抱歉", "停车场", "跳绳手柄", "走路的人", "拐杖", "一样", "等等", "指挥家",
    "踢踏", "举例", "动作", "运动员", "演员", "平衡木", "方向", "面向", "朝向", "转椅", "爬行动物", "滑梯",
    "步伐", "接着", "走开", "离开", "大摇大摆", "随后", "左右", "转过来", "下来", "重新",
)  # fmt: skip
_PARTS = "手脚腿头臂腰膝肩身拳步球"
_INSIDE = "了着起过下上动出开左右双两只条个的他她它自己把高地一几三四五六七八九十次"
_GAP = 5  # characters between the verb and the part of the body: "举起他的左手"


def find_chinese(text: str, index: Index) -> list[tuple[str, int, int, str]]:
    """Spans (entry, start, end, how) in the order of the text.

    Args:
        text: simplified or traditional characters.
        index: of the knowledge file.
    """
    text = simplify(text)
    spans: list[tuple[str, int, int, str]] = []
    position = 0
    while position < len(text):
        end, name = _phrase_at(text, position, index)
        friend = next((len(word) for word in _FALSE_FRIENDS if text.startswith(word, position)), 0)
        if not name or friend >= end - position:
            end, name = position + max(friend, 1), ""
        if name:
            spans.append((name, position, end, "phrase" if end - position > 1 else "word"))
        position = end
    exact = [span for span in spans if not span[0].endswith((" movement", " movements"))]
    return exact or spans


def _phrase_at(text: str, position: int, index: Index) -> tuple[int, str]:
    """End and entry of the longest phrase at a place; the place itself and "" without one."""
    verb, whole = text[position], (position, "")
    for length in range(min(index.longest_chinese, len(text) - position), 1, -1):
        name = index.chinese.get(text[position : position + length])
        if name is not None:
            whole = position + length, name
            break
    for end in range(position + 1, min(position + 2 + _GAP, len(text))):
        name = index.chinese.get(verb + text[end]) if text[end] in _PARTS else None
        if name is not None and end + 1 > whole[0]:
            return end + 1, name
        if text[end] not in _INSIDE and text[end] != verb:
            break
    if whole[1]:
        return whole
    name = index.chinese.get(verb)
    return (position + 1, name) if name is not None else (position, "")
