_gradviz() {
    local word line=${COMP_LINE:0:COMP_POINT}
    mapfile -t COMPREPLY < <(
        COMP_LINE="$line" _GRADVIZ_WORD="$2" _GRADVIZ_COMPLETE=complete_bash "$1" 2>/dev/null
    )
    if [[ ${COMPREPLY[0]} == :files ]]; then
        COMPREPLY=("${COMPREPLY[@]:1}")
        if (( ${#COMPREPLY[@]} )); then
            compopt -o filenames
            while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$2")
        else
            compopt -o default
        fi
    fi
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=\(] ]]; then
        compopt -o nospace
    fi
}
complete -F _gradviz gradviz
