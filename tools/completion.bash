# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
# Completion of pvhload's arguments for bash.  It asks the program, whose --help is made of its table of
# options, so that the two do not differ.

_pvhload_verbs() {
    "$1" --help 2>/dev/null | sed -n 's/^  pvhload \([a-z]\{1,\}\) .*/\1/p'
}

# What the option $3 of the verb $2 takes, as --help writes it; without $3, all options.
_pvhload_options() {
    if [ $# -gt 2 ]; then
        "$1" help "$2" 2>/dev/null | sed -n "s/^  $3 \([^ ]*\).*/\1/p"
    else
        "$1" help "$2" 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p'
    fi
}

_pvhload_offer() {
    mapfile -t COMPREPLY < <(compgen "$@")
}

_pvhload_files() {
    compopt -o filenames 2>/dev/null
    _pvhload_offer -f -- "$1"
}

# Of "auto|off|SEED" and "4|5[,1G]", the words that are to be typed as they stand.
_pvhload_choices() {
    local words
    words=$(tr '|' '\n' <<<"${2%%\[*}" | grep -v '[A-Z]')
    _pvhload_offer -W "$words" -- "$1"
}

_pvhload() {
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
    local before=${COMP_WORDS[COMP_CWORD - 1]} argument=

    # bash takes the "=" of --option=value for a word of its own.
    if [ "$current" = = ]; then
        current=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _pvhload_offer -W "$(_pvhload_verbs "$program") help --help --version" -- "$current"
        return
    elif [ "$verb" = help ]; then
        [ "$COMP_CWORD" = 2 ] && _pvhload_offer -W "$(_pvhload_verbs "$program")" -- "$current"
        return
    fi
    case $before in
    --*) argument=$(_pvhload_options "$program" "$verb" "$before") ;;
    esac
    case $argument in
    FILE*) _pvhload_files "$current" ;;
    *\|*) _pvhload_choices "$current" "$argument" ;;
    ?*) ;;
    *)
        case $current$("$program" help "$verb" 2>/dev/null | grep '^  pvhload') in
        -* | *BOOT-OPTIONS*)
            _pvhload_offer -W "$(_pvhload_options "$program" "$verb")" -- "$current" ;;
        *) _pvhload_files "$current" ;;
        esac ;;
    esac
}

complete -F _pvhload pvhload
