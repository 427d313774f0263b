function __gradviz_complete
    set -l words (commandline -cp)
    set -l found (env COMP_LINE="$words" _GRADVIZ_COMPLETE=complete_fish (commandline -opc)[1] 2>/dev/null)
    if test "$found[1]" = :files
        set -e found[1]
        set -l token (commandline -ct)
        set -l option (string match -r -- '^--[^=]*=' $token)
        set -a found "$option"(__fish_complete_path (string replace -r -- '^--[^=]*=' '' $token))
    end
    test -n "$found"; and printf '%s\n' $found
end
complete --command gradviz --no-files --arguments '(__gradviz_complete)'
