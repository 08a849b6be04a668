"""What is fast, measured: `python -m bench` prints a table, each figure beside a floor of the same run."""
