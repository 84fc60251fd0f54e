#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion in bash: what is offered at the end of many lines, and that it is what the
# program's own help lists.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
isolate "$@"
begin
# shellcheck source=../../completion/pimxdp.bash
source "$root/completion/pimxdp.bash"

# sorted WORD...: in one line, without empty ones.
sorted() { printf '%s\n' "$@" | sed '/^$/d' | sort | paste -sd' '; }

# complete_line WORD...: what is offered for the last, in `offered`, sorted.
complete_line() {
	COMP_WORDS=("$pimxdp" "$@") COMP_CWORD=$#
	COMPREPLY=()
	_pimxdp "$pimxdp" "${*: -1}" ''
	offered=$(sorted "${COMPREPLY[@]}")
}

# offers "CANDIDATE..." WORD...
offers() {
	local want
	# shellcheck disable=SC2086 # words
	want=$(sorted $1)
	shift
	complete_line "$@"
	is "pimxdp ${*@Q}" "$offered" "$want"
}

# ---- verbs and options are the program's ----

verbs=$("$pimxdp" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
check 'the program has verbs' test "$(wc -l <<<"$verbs")" -gt 10
offers "$(paste -sd' ' <<<"$verbs") help --help --version" ''
offers "$(paste -sd' ' <<<"$verbs")" help ''
offers 'stats status' help st
offers '' help stats ''
for verb in $verbs; do
	usage=$("$pimxdp" "$verb" --help | head -n 1)
	long=$("$pimxdp" "$verb" --help | sed -nE 's/^ +(-[a-z], )?(--[a-z-]+) .*/\2/p' | paste -sd' ')
	offers "$long" "$verb" -
	offers "$long" "$verb" --
	offers --help "$verb" --hel
	# An option without a value, once given, is not offered again.
	[[ $usage == *...* ]] || offers "${long/--help/}" "$verb" --help -
done
offers 'stats status' st
offers attach att
offers '' bogus ''
offers '' bogus --
offers '' zzz

# ---- operands ----

mkdir -p "$work/folder/sub dir"
cd "$work/folder"
touch eth1.conf eth2.conf night.pcap 'with blank.conf'
ip link add eth1 type veth peer name net0
ip link add eth1.7 type veth peer name net7
interfaces=$(ip -json link | jq -r '.[].ifname' | paste -sd' ')

# No interface has pins: any is offered.
offers "$interfaces" attach ''
offers 'eth1 eth1.7' attach e
offers "$interfaces" stats ''
{
	cat "$config"
	say 'services = ( { name = "xmpp", transport = "tcp", direction = "in", edge = "access",'
	say '  peers = "partner", ports = [ "5269" ] } )'
} >"$work/own.conf"
"$pimxdp" attach eth1.7 --config "$work/own.conf" >/dev/null 2>&1
offers xmpp flows eth1.7 --rule x
offers xmpp flows --rule x # the only interface
offers xmpp flows --json eth1.7 --rule x
for verb in stats flows status detach reload addresses policy; do
	offers eth1.7 "$verb" ''
done
offers eth1.7 lookup 192.0.2.1 --interface ''
offers "$interfaces" attach ''
offers '' stats eth2
"$pimxdp" detach eth1.7 >/dev/null
offers "$interfaces" stats ''

files() { # what replay and --config offer, one name per line
	complete_line "$@"
	printf '%s\n' "${COMPREPLY[@]}" | sort
}
is 'files as an operand' "$(files replay '')" "$(find . -mindepth 1 -maxdepth 1 -printf '%P\n' | sort)"
is 'files as a value' "$(files check --config '')" "$(find . -mindepth 1 -maxdepth 1 -printf '%P\n' | sort)"
offers 'eth1.conf eth2.conf' check --config eth
offers 'eth1.conf eth2.conf' check -c eth
offers 'eth1.conf eth2.conf' check --config = eth
is 'a name with a blank stays one' "$(files check --config with)" 'with blank.conf'
offers '' lookup ''
offers '' lookup 1
is 'files as what is checked' "$(files check '')" "$(find . -mindepth 1 -maxdepth 1 -printf '%P\n' | sort)"
# After the operand: options.
offers '--config --observe --json --pretty --print --help' check eth1.conf ''
offers '--json --pretty --help' status eth1 ''
offers '--json --help' status eth1 --pretty ''
# run takes interfaces, each with its configuration.
offers 'eth1 eth1.7' run eth1 --config eth1.conf e
offers 'eth1.conf eth2.conf' run eth1 --config eth1.conf eth1.7 --config eth

# ---- values ----

offers 'auto native skb' attach eth1 --mode ''
offers native attach eth1 --mode n
offers 'auto native skb' attach eth1 --mode =
offers 'text json' run eth1 --log-format ''
roles=$(sed -nE 's/^PIM_ROLE\([^"]*"([a-z]+)".*/\1/p' "$root/include/pimxdp/roles.def" | paste -sd' ')
check 'roles.def has roles' test "$(wc -w <<<"$roles")" -ge 7
offers "$roles" addresses eth1 --role ''
offers 'partner' addresses eth1 --role pa
offers '' flows eth1 --top ''
groups=$(compgen -g | paste -sd' ')
check 'this machine has groups' test "$(wc -w <<<"$groups")" -ge 2
offers "$groups" attach eth1 --group ''
offers "$groups" run eth1 --group ''
rules=$(sed -nE 's/^PIM_ROW\([^"]*"([a-z-]+)".*/\1/p' "$root/include/pimxdp/policy.def" | paste -sd' ')
check 'policy.def has rules' test "$(wc -w <<<"$rules")" -ge 6
offers "$rules" flows eth1 --rule ''
offers 'stun-in stun-out' flows eth1 --rule stun
# From a made-up help: values are in the argument or in the text.
is 'values of an argument' "$(_pimxdp_listed 'text|json' lines | paste -sd' ')" 'text json'
is 'no values of other arguments' "$(_pimxdp_listed 'ADDR:PORT|unix:PATH' 'serve HTTP')" ''
is 'values of a text' "$(_pimxdp_listed X 'which: a (default), b or c-d' | paste -sd' ')" 'a b c-d'
is 'no values of a text that lists something else' "$(_pimxdp_listed X 'they read the pins: stats, flows, status')" ''
is 'no values of other texts' "$(_pimxdp_listed N 'only the N largest (0: all)')" ''

# ---- asked once a shell ----

cat >"$work/counting" <<END
#!/bin/bash
echo x >>"$work/calls"
exec "$pimxdp" "\$@"
END
chmod +x "$work/counting"
for _ in 1 2 3; do
	COMP_WORDS=("$work/counting" stats eth1 --) COMP_CWORD=3
	_pimxdp "$work/counting" -- eth1
done
is 'the program is asked once for each help' "$(wc -l <"$work/calls")" 2

# ---- as bash does it ----

# A separate shell that loads it and asks bash what it would run.
is 'bash knows the function' "$(bash -c 'source "$1"; complete -p pimxdp' - "$root/completion/pimxdp.bash")" \
	'complete -F _pimxdp pimxdp'
# shellcheck disable=SC2016 # for the shell that is started
check 'it survives set -u' bash -uc 'source "$1"; COMP_WORDS=("$2" ""); COMP_CWORD=1; _pimxdp "$2" "" "$2"' \
	- "$root/completion/pimxdp.bash" "$pimxdp"
# A program that is missing offers nothing and says nothing.
is 'a program that is missing' "$(bash -c 'source "$1"; COMP_WORDS=(./none st); COMP_CWORD=1
	PATH=; _pimxdp ./none st ./none; echo "${COMPREPLY[*]}"' - "$root/completion/pimxdp.bash" 2>&1)" ''
finish
