"""Every write: the noun is the module, the verb the function.

Keyword-only, `by=` first of all, permission before anything, the audit record last, in the
transaction of the caller's `with` block; no commit inside.
"""
