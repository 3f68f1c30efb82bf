"""问题整改: the list, one problem, what it costs, how promises are kept."""
