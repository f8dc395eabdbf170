"""The command line: ``python -m ktlearn check | doctor | lab | pack | progress | release | slides | stamp``.

A module is loaded when its command is called: ``check`` and ``doctor`` run where NumPy is missing, and say so.
"""

import argparse


def main(argv=None):
    """Run one command. Returns the exit code: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m ktlearn", description="A Jupyter course on Transformers.")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="is this machine ready? In few words, with a code for your teacher")
    checking.add_argument("--decode", nargs="+", metavar="CODE", help="say what a learner's code means")
    commands.add_parser("doctor", help="is everything here that the lessons need? If not: what to do")
    opening = commands.add_parser("lab", help="copy the lessons to a folder of yours and open JupyterLab in it")
    opening.add_argument("--folder", default="ktlearn-lessons", help="where to (default: %(default)s)")
    opening.epilog = "Other options go to JupyterLab as they are, for example --no-browser."
    packing = commands.add_parser("pack", help="write a folder with all that a room without a network needs")
    packing.add_argument("folder", help="a new one, for example on a memory stick")
    packing.add_argument(
        "--platform", action="append", default=[], help="linux, linux-arm, macos or windows; also several"
    )
    packing.add_argument("--python", action="append", default=[], help="the room's Python, such as 3.12; also several")
    packing.add_argument("--wheel", metavar="FILE", help="ktlearn's own; in a checkout it is built")
    packing.add_argument("--site", metavar="FOLDER", help="the built pages of the course, to go with it")
    showing = commands.add_parser("progress", help="which exercises you have solved, and what comes next")
    either = showing.add_mutually_exclusive_group()
    either.add_argument("--hand-in", nargs="+", metavar="NAME", help="write a file for your teacher, with your name")
    either.add_argument("--class", dest="class_folder", metavar="FOLDER", help="the table of all files in a folder")
    showing.add_argument("--to", metavar="FOLDER", help="where --hand-in writes (default: here)")
    showing.add_argument("--csv", metavar="FILE", help="where --class writes (default: progress.csv in the folder)")
    releasing = commands.add_parser(
        "release", help="for a graded course: an edition without answers, and the teacher's"
    )
    releasing.add_argument("folder", metavar="FOLDER", help="where to, a new folder")
    releasing.add_argument("--graded", nargs="+", default=(), metavar="EXERCISE", help="2.4 3.6 … (default: all)")
    showing_slides = commands.add_parser("slides", help="make slides from lessons: HTML that needs no network")
    showing_slides.add_argument("lessons", nargs="*", metavar="LESSON", help="02, A1, or a notebook (default: all)")
    showing_slides.add_argument("--to", metavar="FOLDER", default="slides", help="where to (default: %(default)s)")
    stamping = commands.add_parser("stamp", help="write the address of your copy of the course into its lessons")
    stamping.add_argument("--repository", help='https://github.com/ORG/NAME, or "" for none (default: as it was)')
    stamping.add_argument("--ref", help="the branch or tag (default: as it was)")
    stamping.add_argument("--folder", default="notebooks", help="the folder of the lessons (default: %(default)s)")
    arguments, others = parser.parse_known_args(argv)
    if others and arguments.command != "lab":
        parser.error(f"{arguments.command} does not know {' '.join(others)}")
    return _COMMANDS[arguments.command](arguments, others, parser)


def _check(arguments, others, parser):
    from ktlearn.course import check

    return check.explain("".join(arguments.decode)) if arguments.decode else check.run()


def _doctor(arguments, others, parser):
    from ktlearn.course import doctor

    return doctor.run()


def _lab(arguments, others, parser):
    from ktlearn.course import lab

    return lab.lab(arguments.folder, others)


def _pack(arguments, others, parser):
    from ktlearn.course import pack

    return pack.run(arguments.folder, arguments.platform, arguments.python, arguments.wheel, arguments.site)


def _progress(arguments, others, parser):
    from ktlearn.course import class_table, progress

    if arguments.to and not arguments.hand_in:
        parser.error("--to says where --hand-in writes; give --hand-in and your name too")
    if arguments.csv and not arguments.class_folder:
        parser.error("--csv says where --class writes; give --class and a folder too")
    if arguments.class_folder:
        return class_table.run(arguments.class_folder, arguments.csv)
    return progress.run(" ".join(arguments.hand_in or ()), arguments.to or ".")


def _release(arguments, others, parser):
    from ktlearn.course import release

    return release.run(arguments.folder, arguments.graded)


def _slides(arguments, others, parser):
    from ktlearn.course import slides

    return slides.run(arguments.lessons, arguments.to)


def _stamp(arguments, others, parser):
    from ktlearn.course import stamp

    return stamp.run(arguments.folder, arguments.repository, arguments.ref)


_COMMANDS = {
    "check": _check,
    "doctor": _doctor,
    "lab": _lab,
    "pack": _pack,
    "progress": _progress,
    "release": _release,
    "slides": _slides,
    "stamp": _stamp,
}
