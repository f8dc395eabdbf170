@echo off
rem Opens the course: looks for Python @pythons@, and leaves the rest to start.py. No network is needed.
setlocal
for %%v in (@versions@) do (
    py -%%v -c "" >nul 2>nul
    if not errorlevel 1 (
        py -%%v "%~dp0start.py" %*
        goto end
    )
)
python -c "import sys; sys.exit(sys.version.split('.')[:2] not in [v.split('.') for v in '@versions@'.split()])" >nul 2>nul
if not errorlevel 1 (
    python "%~dp0start.py" %*
    goto end
)
echo Python @pythons@ is not on this machine. Install it, then start this again. The README beside this file says how.
:end
if errorlevel 1 pause
