"""Python's garbage collector, told what a process is like that works for weeks."""

import gc

SELDOM = 50_000  # new objects between two looks; Python's own 700 cost a twentieth of all work


def settle() -> None:
    """After the start: what is loaded by now stays, and is not looked through again.

    Nearly all that a click or a workbook makes is gone by itself a moment later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
