#compdef gradviz
_gradviz() {
    local line files found
    local -a open closed
    line="${(j: :)words[1,CURRENT]}"
    found=$(COMP_LINE=$line _GRADVIZ_COMPLETE=complete_zsh ${~words[1]} 2>/dev/null)
    for line in "${(@f)found}"; do
        if [[ $line == :files ]]; then
            files=1
        elif [[ ${line%%$'\t'*} == *[=\(] ]]; then
            open+=("${${line//:/\\:}/$'\t'/:}")
        elif [[ -n $line ]]; then
            closed+=("${${line//:/\\:}/$'\t'/:}")
        fi
    done
    (( $#open + $#closed )) && _describe gradviz closed -- open -S ''
    [[ -n $files ]] && { compset -P '--*='; _files }
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _gradviz "$@"
else
    compdef _gradviz gradviz
fi
