"""``piiscan completion``: print the script that completes verbs, options and files in a shell.

The script holds all words, so that a shell completes them without a process of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from piiscan.cli import options, output
from piiscan.wording.words import Words

#: Options that each verb has besides its own.
_COMMON: Final = ("--no-cache", "--lang", "--help")
#: Words of a script are filled in: a choice of verbs, verbs, and a branch for each verb.
_SCRIPTS: Final = {
    "bash": """\
_piiscan() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} verb= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {choice}) verb=$word; break ;; esac
  done
  local known="{verbs}"
  case $verb in
{branches}
  esac
  COMPREPLY=()
  if [[ -z $verb || $current == -* ]]; then
    COMPREPLY=($(compgen -W "$known" -- "$current"))
  elif [[ $verb == @({groups}) ]]; then
    COMPREPLY=($(compgen -W "$known" -- "$current") $(compgen -f -- "$current"))
  else
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _piiscan piiscan
""",
    "zsh": """\
#compdef piiscan
_piiscan() {{
  local verb= word
  for word in ${{words[2,CURRENT-1]}}; do
    case $word in ({choice}) verb=$word; break ;; esac
  done
  local -a known=({verbs})
  case $verb in
{branches}
  esac
  if [[ -z $verb || $PREFIX == -* || $verb == ({groups}) ]]; then
    compadd -a known
  else
    _files
  fi
}}
compdef _piiscan piiscan
""",
}
_BRANCHES: Final = {
    "bash": '    {verb}) known="{words}" ;;',
    "zsh": "    {verb}) known=({words}) ;;",
}


def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="completion.shell")],
) -> None:
    """Print the completion script of SHELL; nothing is installed."""
    options.check_choice(ctx, shell, ("bash", "zsh", "fish"), "SHELL")
    root = ctx.find_root().command
    verbs: Mapping[str, Any] = root.commands  # type: ignore[attr-defined]  # a group
    if shell == "fish":
        output.print_line(_fish_script(verbs, ctx.obj))
        return
    groups = [name for name, verb in verbs.items() if hasattr(verb, "commands")]
    branches = (
        _BRANCHES[shell].format(verb=name, words=" ".join(_words(verb)))
        for name, verb in verbs.items()
    )
    script = _SCRIPTS[shell].format(
        choice="|".join(verbs),
        verbs=" ".join((*verbs, "--version", *_COMMON)),
        branches="\n".join(branches),
        groups="|".join(groups),
    )
    output.print_line(script.rstrip("\n"))


def _words(command: Any) -> list[str]:
    """Return the verbs of a group and the long options of a command, each once."""
    found = [name for each in command.params for name in each.opts if name.startswith("--")]
    for name, verb in getattr(command, "commands", {}).items():
        found += [name, *_words(verb)]
    return list(dict.fromkeys((*found, *_COMMON)))


def _fish_script(verbs: Mapping[str, Any], words: Words) -> str:
    """Return the script for fish, with the first line of each verb's help."""
    lines = []
    for name, verb in verbs.items():
        text = words(verb.help).partition("\n")[0].replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"complete -c piiscan -n __fish_use_subcommand -f -a {name} -d '{text}'")
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        for word in _words(verb):
            kind = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
            lines.append(f"complete -c piiscan {seen} {kind}")
    return "\n".join(lines)
