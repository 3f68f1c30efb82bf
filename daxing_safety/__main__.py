"""python -m daxing_safety …"""

from daxing_safety import logs
from daxing_safety.cli import main

logs.set_up()
raise SystemExit(main())
