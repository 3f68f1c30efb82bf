"""失分台账: whose loss is how much, as shares, a tree, a bill, and on paper."""
