"""红黑榜: who is ahead and who behind in each group, by a rule that is printed beneath."""

from daxing_safety.permissions import Permission
from daxing_safety.reports.honour_board import honour_board
from daxing_safety.reports.tasks import choices
from daxing_safety.ui import as_of
from daxing_safety.ui import honour_board as views
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept

viewer = require_user(Permission.SEE_DISTRICT)
day = as_of.title("红黑榜", viewer)
found = kept(honour_board, viewer=viewer, on=day, today=day)

views.show(found)
views.offer_rule(found, kept(choices, viewer=viewer).units, viewer)
