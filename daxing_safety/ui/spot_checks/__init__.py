"""抽查评估 on the screen: the experts' own, and the office's."""
