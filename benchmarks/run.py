"""Speed and size, measured on this machine: ``python benchmarks/run.py [-o docs/benchmarks.md] [--only cold,growth]``.

Cold starts and peak memory are of processes of their own; all else is measured in this one. Nothing here is a test: a
slow machine is not a failure, and a busy one measures the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import files
import growth
import latency
import material
import serving
import starts
import variants
from measure import BINARY, Table, cold, machine

SECTIONS = ("cold", "tasks", "growth", "files", "variants", "service", "corpus")


def corpus_table(data: Path, folder: Path) -> Table:
    """Time of building the whole corpus with two workers, archives unpacked first."""
    words = ["corpus", "build", str(data), "--out", str(folder / "corpus"), "--workers", "2"]
    seconds, memory = cold([BINARY, *words], runs=1)
    row = ["corpus build of everything, two workers", f"{seconds / 60:.1f} min", f"{memory:.0f} MB", "10 min"]
    return Table("Corpus", ["what", "measured", "peak memory", "target"], [row])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"with commas, out of {', '.join(SECTIONS)}")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="a built corpus, for variants")
    parser.add_argument("--data", type=Path, help="raw data: the corpus is built of it (minutes)")
    told = parser.parse_args()
    wanted = told.only.split(",")
    found: list[Table] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = material.make(folder)
        sections: dict[str, Callable[[], list[Table]]] = {
            "cold": lambda: starts.tables(made, folder),
            "tasks": lambda: latency.tables(made, folder),
            "growth": lambda: growth.tables(made, folder),
            "files": lambda: files.tables(made, folder),
            "variants": lambda: variants.tables(told.corpus) if (told.corpus / "clips.json").is_file() else [],
            "service": lambda: serving.tables(folder),
            "corpus": lambda: [corpus_table(told.data, folder)] if told.data else [],
        }
        for section in SECTIONS:
            if section in wanted:
                some = sections[section]()
                print("\n".join(table.markdown() for table in some), flush=True)
                found += some
                if told.out:  # after every section: what is measured is not lost when a later one fails
                    told.out.write_text(page(found), encoding="utf-8")


def page(found: list[Table]) -> str:
    """The document of all tables."""
    return f"# Speed and size\n\n`make bench`, on: {machine()}.\n\n" + "\n".join(table.markdown() for table in found)


if __name__ == "__main__":
    main()
