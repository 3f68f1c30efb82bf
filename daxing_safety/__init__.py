"""大兴创安工作台: the office's tool for creating a 国家安全发展示范城市."""

__version__ = "0.1.0"
