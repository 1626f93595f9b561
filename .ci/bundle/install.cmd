@echo off
rem Installs piiscan from the wheels beside this script; needs Python @VERSIONS@, no network.
rem   install.cmd [FOLDER]        FOLDER is a new folder, by default %USERPROFILE%\piiscan
rem   With PYTHON set to a python.exe, that one is taken.
setlocal
set "FOLDER=%~1"
if "%FOLDER%"=="" set "FOLDER=%USERPROFILE%\piiscan"
if not "%PYTHON%"=="" (
    set PY="%PYTHON%"
    goto found
)
for %%v in (@VERSIONS@) do (
    py -%%v -c "import venv, ensurepip" >nul 2>nul
    if not errorlevel 1 (
        set "PY=py -%%v"
        goto found
    )
)
echo No usable Python (@VERSIONS@) was found. Please install one of them from python.org.
exit /b 2

:found
%PY% -m venv "%FOLDER%" || exit /b 1
"%FOLDER%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check ^
    --no-index --find-links "%~dp0wheels" piiscan-cn || exit /b 1
"%FOLDER%\Scripts\piiscan.exe" version || exit /b 1
echo "%FOLDER%\Scripts\piiscan.exe"
