"""Streamlit's and uvicorn's loggers, which bring a terminal of their own each, into ours."""

import logging

from streamlit import logger as of_streamlit

# Reported before our own handler is asked: there the same error stands with its number, and a
# refusal is none (ui/messages.explain).
UNEXPLAINED = "Uncaught app execution"
ACCESS = "uvicorn.access"  # off: a line a request, with the addresses of uploads


def join() -> None:
    """After uvicorn has configured its own; Streamlit's come into being one by one."""
    of_streamlit.setup_formatter = pass_on
    for logger in (*of_streamlit._loggers.values(), logging.getLogger("uvicorn")):
        pass_on(logger)
    logging.getLogger("streamlit.error_util").addFilter(_is_explained_elsewhere)


def pass_on(logger: logging.Logger) -> None:
    """In place of Streamlit's function that gives a logger its terminal."""
    for handler in tuple(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = logger.name != ACCESS


def _is_explained_elsewhere(record: logging.LogRecord) -> bool:
    return record.msg != UNEXPLAINED
