"""问题整改 as it is shown: list, stages, one problem, its moves, bulk work, Excel out and in."""
