#!/bin/sh
# Installs the unpacked bundle; PYTHON names another Python 3.11 than python3.11.
exec "${PYTHON:-python3.11}" "$(dirname "$0")/install.py"
