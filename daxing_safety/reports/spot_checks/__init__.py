"""抽查: what was drawn for whom, what was found, and what became of it.

Whoever sees the district sees every check, and an expert's conclusions once they stand. An expert
sees the own items of checks that are open, and nobody else's; a unit sees nothing.
"""
