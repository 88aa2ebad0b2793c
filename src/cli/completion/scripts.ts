/** What a shell runs to have `postern` complete itself: each script asks the program, so that none goes out of date. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_postern() {
  local IFS=$'\\n' words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(postern __complete "\${words[@]}" 2>/dev/null))
}
complete -o default -F _postern postern
`,
  zsh: `#compdef postern
_postern() {
  local -a found
  found=("\${(@f)$(postern __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _postern postern
`,
  // Quoted, so that a word that is not begun yet is passed on as an empty one.
  fish: `function __postern_complete
  postern __complete (commandline -opc)[2..-1] "$(commandline -ct)" 2>/dev/null
end
complete -c postern -a '(__postern_complete)'
`,
};
