"""The parts of make_golden.py, one topic to a file."""
