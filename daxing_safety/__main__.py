"""python -m daxing_safety …"""

from daxing_safety.cli import main

raise SystemExit(main())
