#!/bin/sh
# Installs piiscan from the wheels beside this script; needs Python @VERSIONS@, no network.
#   ./install.sh [FOLDER]        FOLDER is a new folder, by default ~/piiscan
#   PYTHON=/path/to/python ./install.sh     where Python is not on the PATH
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-"$HOME/piiscan"}

found=
for version in @VERSIONS@; do
	for each in "${PYTHON:-}" "python$version" python3 python; do
		if [ -n "$each" ] && "$each" -c "import sys, venv, ensurepip
sys.exit('%d.%d' % sys.version_info[:2] != '$version')" >/dev/null 2>&1; then
			found=$each
			break 2
		fi
	done
done
if [ -z "$found" ]; then
	echo "没有找到可用的 Python（@VERSIONS@，需含 venv）。请先安装其中之一。" >&2
	echo "No usable Python (@VERSIONS@, with venv) was found. Please install one of them." >&2
	exit 2
fi

"$found" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	--no-index --find-links "$here/wheels" piiscan-cn
"$folder/bin/piiscan" version
echo "$folder/bin/piiscan"
