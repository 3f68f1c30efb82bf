"""A fictional, half-done programme on 2021-05-20, lived through round by round.

Every figure in it is invented. It is made with the real actions over generated workbooks: each
unit's workbook is filled in, written, read back in the worker and submitted on its day; the
office reviews, experts find, problems are closed. The same seed always tells the same story.
"""

from daxing_safety.demo.story import build_demo

__all__ = ["build_demo"]
