"""``python -m thermal`` is the command ``thermal``."""

from thermal.cli import main

main()
