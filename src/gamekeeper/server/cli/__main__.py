"""`python -m gamekeeper.server.cli`."""

from gamekeeper.server.cli import main

main()
