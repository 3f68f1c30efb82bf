@echo off
rem Installs the unpacked bundle with the Python 3.11 of this machine.
chcp 65001 >nul
py -3.11 "%~dp0install.py"
