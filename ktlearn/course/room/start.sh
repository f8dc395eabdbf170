#!/bin/sh
# Opens the course: looks for Python @pythons@, and leaves the rest to start.py. No network is needed.
here=$(dirname "$0")
for version in @versions@; do
    for python in "python$version" python3 python; do
        if "$python" -c "import sys; sys.exit(sys.version.split('.')[:2] != '$version'.split('.'))" 2>/dev/null; then
            exec "$python" "$here/start.py" "$@"
        fi
    done
done
echo "Python @pythons@ is not on this machine. Install it, then start this again. The README beside this file says how."
exit 1
