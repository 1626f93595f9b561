"""``python -m piiscan``: the command line, as the installed command runs it."""

from piiscan.cli.process import run

if __name__ == "__main__":
    run()
