"""Put a trained checkpoint into the package with its card: ``python tools/release.py runs/flow/best flow``.

The card's figures come from the tables that ``motionary evaluate`` wrote to docs/results, the rest from the checkpoint.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

RELEASED = Path("src/motionary/data/weights")
RESULTS = Path("docs/results")
FILES = ("config.json", "model.safetensors", "familiar.safetensors")
LARGEST = 16 * 2**20  # bytes a file

WHAT = {
    "flow": "Motion flow with knowledge: flow matching over windows of the rotational representation; attends to "
    "definitions of actions and moves legs and arms by different words. The default.",
    "flow-plain": "Motion flow without knowledge: what the default began as, and what it is compared with.",
    "temos": "TEMOS on the rotational representation: the baseline of system A.",
}


def card(name: str, config: dict[str, Any]) -> str:
    """The model card in Markdown."""
    info = config["info"]
    figures = info.get("figures", {})
    lines = [
        f"# {name}",
        "",
        WHAT[name],
        "",
        f"- **Licence of the weights**: {info['licence']}, because training data is under non-commercial terms.",
        f"- **Data**: {', '.join(info['sources'])}; pack `{info['data']}` (docs/corpus.md), training split and its "
        "mirror images.",
        f"- **Text encoder**: {config['fields']['encoder']}, frozen. Knowledge: {config['fields']['knowledge']}.",
        *([f"- **Begun with**: {info['started']}."] if "started" in info else []),
        f"- **Training**: preset {info.get('preset', 'cpu')}, seed {info['seed']}, {figures.get('step', 0):.0f} steps "
        f"in {figures.get('minutes', 0):.0f} minutes on two CPU cores shared with other work; chosen at validation "
        f"loss {figures.get('val_loss', 0):.4f}. Curves: docs/training.md.",
        "- **Use**: short everyday actions of one person on a flat floor, English or Chinese prompts, up to 10 s an "
        "action.",
        "- **Limits**: trained on few hours of few performers, most of it walking, running, waving and raising hands; "
        "rare actions come out vague or wrong. No fingers, no face. See docs/limits.md.",
        "",
        "## Figures",
        "",
        *tables(name),
    ]
    return "\n".join(lines) + "\n"


def tables(name: str) -> list[str]:
    """The model's row of every table, as lists."""
    lines = []
    for path in sorted(RESULTS.glob("text-to-motion-*-fixed.json")):
        table = json.loads(path.read_text(encoding="utf-8"))
        for row in table["rows"]:
            if row["name"] == name:
                cells = (f"{key} {cell['mean']:.3g}" for key, cell in row["cells"].items() if isinstance(cell, dict))
                lines.append(f"- {table['title']} (n = {row['n']}, {len(row['seeds'])} seeds): {'; '.join(cells)}")
    return lines or ["Not measured yet."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name", choices=WHAT)
    arguments = parser.parse_args()
    target = RELEASED / arguments.name
    target.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        if (arguments.checkpoint / file).resolve() != (target / file).resolve():
            shutil.copyfile(arguments.checkpoint / file, target / file)
        if (target / file).stat().st_size > LARGEST:
            raise SystemExit(f"{target / file} is larger than {LARGEST} bytes")
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    config["info"]["name"] = arguments.name
    (target / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    (target / "card.md").write_text(card(arguments.name, config), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
