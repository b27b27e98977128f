# Completion of qlog's command line for fish, made of the program's tables
{{#commands}}
complete -c qlog -n __fish_use_subcommand -a {{command}} -d '{{help_fish}}'
{{/commands}}
complete -c qlog -n __fish_use_subcommand -a help -d 'all about a command'
complete -c qlog -n '__fish_seen_subcommand_from help' -f -a '{{command_names}}'
{{#commands}}
{{^files}}
complete -c qlog -n '__fish_seen_subcommand_from {{command}}' -f
{{/files}}
{{#groups}}
{{#options}}
complete -c qlog -n '__fish_seen_subcommand_from {{command}}'{{#letter}} -s {{letter}}{{/letter}} -l {{name}}{{#words}} -x -a '{{words}}'{{/words}}{{#free}} -x{{/free}}{{#file}} -r -F{{/file}} -d '{{help_fish}}'
{{/options}}
{{/groups}}
{{/commands}}
