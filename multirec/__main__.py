"""``python -m multirec``."""

from multirec.cli.main import main

main(prog_name="multirec")
