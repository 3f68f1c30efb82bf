"""待办 as Streamlit runs it: the number in the navigation, the links, the answers on the spot."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from filling import hand_in, work_points
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import appeals, rounds, verdicts
from daxing_safety.database import reading, transaction
from daxing_safety.models import DutyDecision, RowVerdict, Unit, User
from daxing_safety.reports import todo
from daxing_safety.ui import entry
