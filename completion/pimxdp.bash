# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# bash completion for pimxdp. Verbs, options, operands and most values come from
# pimxdp's own help, which is read once per shell, so this file lists none of them.

declare -gA _pimxdp_helps=()

# Puts the help of a verb ("": of pimxdp) into the caller's variable `help`. Do not call
# it in a subshell, whose cache would be lost.
_pimxdp_help() {
	local key=$program:$1
	if [[ ! -v _pimxdp_helps[$key] ]]; then
		# shellcheck disable=SC2086 # no verb is no argument
		_pimxdp_helps[$key]=$("$program" $1 --help 2>/dev/null)
	fi
	help=${_pimxdp_helps[$key]}
}

# The verbs in the table in `help`: lines of two blanks, a word, its summary.
_pimxdp_verbs() {
	local line
	while IFS= read -r line; do
		[[ ! $line =~ ^'  '([a-z]+)' ' ]] || printf '%s\n' "${BASH_REMATCH[1]}"
	done <<<"$help"
}

# The options in the `help` of a verb: options=(--name ...) and, for each spelling,
# argument[--name] (empty: takes none) and text[--name].
_pimxdp_options() {
	local line name
	options=() argument=() text=()
	while IFS= read -r line; do
		[[ $line =~ ^'  '(' '{4}|(-[a-zA-Z])', ')(--[a-z-]+)(' '([^ ]+))?'  '+(.*)$ ]] || continue
		options+=("${BASH_REMATCH[3]}")
		for name in "${BASH_REMATCH[3]}" ${BASH_REMATCH[2]:+"${BASH_REMATCH[2]}"}; do
			argument[$name]=${BASH_REMATCH[5]}
			text[$name]=${BASH_REMATCH[6]}
		done
	done <<<"$help"
}

# The values that an option's line lists, as in "auto (default), native or skb", or its
# argument, as in "text|json". Nothing if it lists none.
_pimxdp_listed() {
	local list=$2 value values=()
	if [[ $1 == *'|'* ]]; then
		list=${1//|/, }
	else
		# Other texts may have commas too.
		[[ $list == *' or '* ]] || return 0
		list=${list##*: }
		while [[ $list =~ ' ('[^')']*')' ]]; do
			list=${list/"${BASH_REMATCH[0]}"/}
		done
		list=${list// or /, }
	fi
	while [[ $list ]]; do
		value=${list%%, *}
		[[ $value =~ ^[a-z0-9-]+$ ]] || return 0
		values+=("$value")
		[[ $list == *', '* ]] || break
		list=${list#*, }
	done
	((${#values[@]} < 2)) || printf '%s\n' "${values[@]}"
}

# Interfaces with pins, if this user may see them; a dot in the name of an interface is
# a colon in that of its folder. A longer name than an interface can have is another folder.
_pimxdp_attached() {
	local folder
	for folder in /sys/fs/bpf/pimxdp/*/; do
		[[ -d $folder ]] || continue
		folder=${folder%/}
		folder=${folder##*/}
		((${#folder} < 16)) || continue
		printf '%s\n' "${folder//:/.}"
	done
}

# The interfaces of this network namespace. /sys/class/net would have those of the
# namespace in which /sys was mounted.
_pimxdp_interfaces() {
	local line
	while read -r line; do
		[[ ! $line =~ ^([^ :]+):' '*[0-9] ]] || printf '%s\n' "${BASH_REMATCH[1]}"
	done </proc/net/dev
}

# The names of rules: those of the attached filter, if this user may read it, or else
# the built-in ones.
_pimxdp_rules() {
	local named='s/^ *"rule": "\(.*\)",*$/\1/p' rules
	rules=$("$program" stats ${subject:+"$subject"} --json --pretty 2>/dev/null | sed -n "$named")
	[[ $rules ]] || rules=$("$program" policy --json --pretty 2>/dev/null | sed -n "$named")
	printf '%s\n' "$rules" | sort -u
}

# Candidates for a placeholder of the help. Verbs that put a filter on an interface, or
# look at one that may have none, take any interface; the others one that has pins.
_pimxdp_placeholder() { # VERB PLACEHOLDER
	local attached=
	case $2 in
	FILE | CAPTURE) compgen -f -- "$current" ;;
	IF | INTERFACE)
		case $1 in
		attach | run | doctor) ;;
		*) attached=$(_pimxdp_attached) ;;
		esac
		printf '%s\n' "${attached:-$(_pimxdp_interfaces)}"
		;;
	GROUP) compgen -g -- "$current" ;;
	RULE) _pimxdp_rules ;;
	esac
}

# Looks at the words before the one that is completed. Sets `waiting` (the option whose
# value that word is), `operands` (how many there are), `subject` (the first of them) and
# `given` (the options).
_pimxdp_before() {
	local at word
	for ((at = 2; at < COMP_CWORD; at++)); do
		word=${COMP_WORDS[at]}
		if [[ $word == = ]]; then
			continue
		elif [[ $waiting ]]; then
			waiting=
		elif [[ $word == -?* ]]; then
			given+="$word "
			[[ ! ${argument[$word]-} ]] || waiting=$word
		else
			((operands)) || subject=$word
			operands=$((operands + 1))
		fi
	done
}

# Candidates after a verb.
_pimxdp_behind() { # VERB
	local waiting='' operands=0 subject='' given=' ' repeats='' operand='' word
	local options=()
	local -A argument=() text=()

	_pimxdp_help "$1"
	_pimxdp_options
	[[ ! $help =~ ^'usage: pimxdp '[a-z]+' '\[?([A-Z]+) ]] || operand=${BASH_REMATCH[1]}
	[[ ${help%%$'\n'*} != *...* ]] || repeats=yes
	_pimxdp_before
	if [[ $waiting ]]; then
		word=${argument[$waiting]}
		candidates=$(_pimxdp_listed "$word" "${text[$waiting]}")
	elif [[ $current != -* && $operand && ($operands == 0 || $repeats) ]]; then
		word=$operand
	else
		for word in "${options[@]}"; do
			[[ $given == *" $word "* && ! $repeats ]] || candidates+=$word$'\n'
		done
		return 0
	fi
	[[ $candidates ]] || candidates=$(_pimxdp_placeholder "$1" "$word")
	case $word in
	FILE | CAPTURE) compopt -o filenames 2>/dev/null || : ;; # outside of a completion
	esac
}

_pimxdp() {
	local program=${1/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]} candidates='' help word

	COMPREPLY=()
	type -P -- "$program" >/dev/null || program=/usr/sbin/pimxdp
	# "--config=FILE" comes as three words.
	[[ $current != = ]] || current=
	_pimxdp_help ''
	candidates=$(_pimxdp_verbs)
	if ((COMP_CWORD == 1)); then
		candidates+=$'\nhelp\n--help\n--version'
	elif [[ ${COMP_WORDS[1]} == help ]]; then
		((COMP_CWORD == 2)) || return 0
	elif [[ $'\n'$candidates$'\n' == *$'\n'"${COMP_WORDS[1]}"$'\n'* ]]; then
		candidates=
		_pimxdp_behind "${COMP_WORDS[1]}"
	else
		return 0
	fi
	while IFS= read -r word; do
		[[ ! $word || $word != "$current"* ]] || COMPREPLY+=("$word")
	done <<<"$candidates"
}

complete -F _pimxdp pimxdp
