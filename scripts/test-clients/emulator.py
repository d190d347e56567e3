"""Starts the emulator without geography, whose extension of DuckDB has to be fetched from the internet."""

from bqemulator.cli import main
from bqemulator.storage import engine

for part in vars(engine).values():
    if isinstance(part, type) and hasattr(part, "_load_spatial"):
        part._load_spatial = lambda self: None

main()
