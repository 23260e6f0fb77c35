"""``python -m multirec``."""

from multirec.cli import main

main(prog_name="multirec")
