"""The commands of `whosays`: each reads its words, calls the engine, and prints; nothing is decided here.

A command returns its exit code. Heavy modules are imported inside the commands: `--help` and a cold question must not
pay for what they do not use.
"""

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
