"""The command line: ``python -m ktlearn lab | doctor | stamp``."""

import argparse

from ktlearn.course import doctor, lab, stamp


def main(argv=None):
    """Run one command. Returns the exit code: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m ktlearn", description="A Jupyter course on Transformers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="is everything here that the lessons need? If not: what to do")
    opening = commands.add_parser("lab", help="copy the lessons to a folder of yours and open JupyterLab in it")
    opening.add_argument("--folder", default="ktlearn-lessons", help="where to (default: %(default)s)")
    opening.epilog = "Other options go to JupyterLab as they are, for example --no-browser."
    stamping = commands.add_parser("stamp", help="write the address of your copy of the course into its lessons")
    stamping.add_argument("--repository", help='https://github.com/ORG/NAME, or "" for none (default: as it was)')
    stamping.add_argument("--ref", help="the branch or tag (default: as it was)")
    stamping.add_argument("--folder", default="notebooks", help="the folder of the lessons (default: %(default)s)")
    arguments, others = parser.parse_known_args(argv)
    if arguments.command == "lab":
        return lab.lab(arguments.folder, others)
    if others:
        parser.error(f"{arguments.command} does not know {' '.join(others)}")
    if arguments.command == "stamp":
        return stamp.run(arguments.folder, arguments.repository, arguments.ref)
    return doctor.run()
