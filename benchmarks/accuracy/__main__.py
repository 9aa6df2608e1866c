"""Accuracy of shapes and changes: `python -m benchmarks.accuracy [--quick] [--tuning]`.

Prints, per question: accuracy of the labels given, coverage of the cases that can be decided, the share that was
right per confidence, and the worst cells. Seeds below 10000 are for tuning, the report uses others.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import histories, shapes
from benchmarks.accuracy.score import Score

TABLE = """# Shapes: every family, encoding and size

Made by `{command}`. Per cell: labels that were right, in bold those that were wrong, in brackets questions left open.
Seeds, sizes and what is right: [shapes.md](shapes.md).

"""


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and smaller samples")
    parser.add_argument("--tuning", action="store_true", help="the seeds for tuning (0, 1, ...) instead of 10000, ...")
    parser.add_argument("--seed", type=int, default=0, help="added to the first seed")
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst cells are listed (10)")
    parser.add_argument("--only", choices=["shapes", "changes"])
    parser.add_argument("--table", type=Path, help="writes every cell of the shapes, by encoding and size, here")
    options = parser.parse_args()
    first_seed = (0 if options.tuning else 10000) + options.seed
    if options.only != "changes":
        score = Score("Shapes")
        shapes.run(score, first_seed, options.quick)
        score.write(sys.stdout, options.worst)
        if options.table:
            command = f"python -m benchmarks.accuracy --only shapes --seed {options.seed} --table {options.table}"
            with options.table.open("w") as out:
                out.write(TABLE.format(command=command))
                score.table(out)
    if options.only != "shapes":
        score = Score("Changes")
        histories.run(score, first_seed, options.quick)
        score.write(sys.stdout, options.worst)


if __name__ == "__main__":
    main()
