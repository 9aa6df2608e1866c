"""`tb-histinsight doctor`: why the tab does not show, or shows nothing."""

from __future__ import annotations

import argparse
import sys

from tb_histinsight.commands.options import language, output
from tb_histinsight.commands.options.analysis import logdir

SUMMARY = "says why the tab does not show, or shows nothing"
EXIT_UNWELL = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("logdir", metavar="LOGDIR", type=logdir, nargs="?", help="the log that the tab should show")
    language.add_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Examines the environment, and the log if one is given; 0 where all is well, else 1."""
    from tb_histinsight.doctor.environment import examine_environment
    from tb_histinsight.doctor.log import examine_log
    from tb_histinsight.doctor.symptoms import Status
    from tb_histinsight.formats.terminal.characters import printable, wrapped
    from tb_histinsight.formats.terminal.style import Style
    from tb_histinsight.locales import catalogue

    words = catalogue(language.chosen(arguments))
    shown = output.options(sys.stdout, None)
    style = Style(shown.colour, shown.symbols)
    chapters = {"environment": examine_environment()}
    if arguments.logdir is not None:
        chapters["log"] = examine_log(arguments.logdir)
    troubles = 0
    for chapter, symptoms in chapters.items():
        print(style.paint("strong", words.text(f"doctor.{chapter}")))
        for symptom in symptoms:
            troubles += symptom.status is Status.TROUBLE
            key = f"doctor.{symptom.key}"
            mark = style.paint(symptom.status.value, style.symbol(symptom.status.value))
            for line in wrapped(printable(words.text(key, symptom.values)), shown.width, "    ", f"  {mark} "):
                print(line)
            if f"{key}.do" in words:
                advice = printable(words.text(f"{key}.do", symptom.values))
                for line in wrapped(advice, shown.width, "      ", f"    {style.symbol('becomes')} "):
                    print(line)
            sys.stdout.flush()
        print()
    key = "doctor.well" if not troubles else "doctor.unwell_one" if troubles == 1 else "doctor.unwell"
    print(words.text(key, {"count": troubles}))
    return EXIT_UNWELL if troubles else 0
