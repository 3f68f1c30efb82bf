"""失分与提分: what every lost point is made of, whose it is, and how the points come back."""

from daxing_safety import settings
from daxing_safety.permissions import Permission
from daxing_safety.ui import as_of, improvement, losses
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
day = as_of.title("失分与提分", viewer)

tree, bill, *ahead = losses.tabs(viewer)
if tree.open:
    with tree:
        losses.show_tree(viewer, day)
if bill.open:
    with bill:
        losses.show_bill(viewer, day)

# What can still be done, and what would follow, is asked of today alone.
for tab, show in zip(ahead, (improvement.show_path, improvement.show_what_if), strict=False):
    if tab.open:
        with tab:
            show(viewer, settings.today())
