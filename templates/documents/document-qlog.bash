# Completion of qlog's command line for bash, made of the program's tables
_qlog()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} options= values= free=
    COMPREPLY=()
    # --name=value comes as three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = && COMP_CWORD -gt 2 ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ COMP_CWORD -eq 1 && $word != -* ]]; then
        COMPREPLY=($(compgen -W '{{command_names}} help version' -- "$word"))
        return
    fi
    # Without a command, words are those of analyze.
    [[ " {{command_names}} help " == *" $command "* ]] || command=analyze
    case $command in
    help)
        values='{{command_names}}'
        ;;
{{#commands}}
    {{command}})
        options='{{#groups}}{{#options}}--{{name}} {{/options}}{{/groups}}'
        case $before in
{{#groups}}
{{#options}}
{{#words}}
        {{#letter}}-{{letter}} | {{/letter}}--{{name}}) values='{{words}}' ;;
{{/words}}
{{#free}}
        {{#letter}}-{{letter}} | {{/letter}}--{{name}}) free=1 ;;
{{/free}}
{{#file}}
        {{#letter}}-{{letter}} | {{/letter}}--{{name}}) return ;;
{{/file}}
{{/options}}
{{/groups}}
        esac
        ;;
{{/commands}}
    esac
    if [[ -n $free ]]; then
        compopt +o default +o bashdefault 2>/dev/null
    elif [[ -n $values ]]; then
        COMPREPLY=($(compgen -W "$values" -- "$word"))
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    fi
}
complete -o bashdefault -o default -F _qlog qlog
