#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Debian package and the release tarball: built twice in two places with the same
# bytes, complete, and installed into a copy of this machine's root.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
isolate "$@"
# shellcheck source=root.bash
source "$root/tests/package/root.bash"
begin
# Root may read another user's checkout.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
# Settings of the caller's build do not apply to these builds.
unset MAKEFLAGS MAKELEVEL MFLAGS SAN BUILD CFLAGS CPPFLAGS LDFLAGS
version=$(make --no-print-directory -s -C "$root" print-version)

# same_files NAME FOLDER FOLDER FILE...: the same bytes in both.
same_files() {
	local name=$1 one=$2 other=$3 file
	shift 3
	for file in "$@"; do
		check "$name: $file" cmp "$one/$file" "$other/$file"
	done
}

# ---- one fact in one place ----

is 'the version is the changelog'\''s' "$version" "$(dpkg-parsechangelog -l"$root/debian/changelog" -S Version)"
is 'and the binary'\''s' "$("$pimxdp" --version | cut -d' ' -f2)" "$version"

packages_of() { awk -v purpose="$1" '$1 == purpose { print $2 }' "$root/tools/packages" | sort; }
# The names in a relationship field, the first of alternatives.
names() { tr ',' '\n' | sed -E 's/^[[:space:]]*([a-z0-9.+-]+).*/\1/' | sed '/^[[:space:]]*$/d' | sort; }
# build-essential is there wherever packages are built.
dpkg-query -W -f '${Depends}' build-essential | names >"$work/essential"
sed -n '/^Build-Depends:/,/^[^ ]/p' "$root/debian/control" | sed -e '1s/^[^:]*://' -e '/^[A-Z]/d' | names |
	grep -vx debhelper-compat >"$work/declared"
# Essential packages may be listed for building, but are not declared.
is 'Build-Depends is what tools/packages has for building' "$(paste -sd' ' "$work/declared")" \
	"$(packages_of build | grep -vxFf "$work/essential" | grep -vx make | paste -sd' ')"

# ---- the package, twice ----

# The checkout may belong to another user: trust this one alone.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$root

# tree FOLDER: what is in the checkout, committed or not, and nothing built.
tree() {
	mkdir -p "$1"
	if [[ -e $root/.git ]]; then
		git -C "$root" ls-files -z --cached --others --exclude-standard --deduplicate |
			(cd "$root" && while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done) |
			tar -C "$root" --null --files-from=- -cf - | tar -C "$1" -xf -
	else
		tar -C "$root" --exclude=./build -cf - . | tar -C "$1" -xf -
	fi
}
# The folder's own name is that of the folder in the source package.
first=$work/first/pimxdp-$version
second=$work/the-second-with-a-longer-name/below/pimxdp-$version
tree "$first"
tree "$second"
(cd "$first" && dpkg-buildpackage --no-sign) >"$work/first.log" 2>&1 || cat "$work/first.log"
(cd "$second" && umask 027 && TZ=Pacific/Auckland DEB_BUILD_OPTIONS=parallel=1 dpkg-buildpackage --no-sign) \
	>"$work/second.log" 2>&1 || cat "$work/second.log"
built=(pimxdp_"$version"_amd64.deb pimxdp-dbgsym_"$version"_amd64.deb pimxdp_"$version".dsc pimxdp_"$version".tar.xz)
same_files 'the same bytes twice' "${first%/*}" "${second%/*}" "${built[@]}"
same_files 'the same bytes twice' "$first/build" "$second/build" bpf/pimxdp.bpf.o bpf/carry.bpf.o pimxdp
is 'no path of this machine in what was built' "$(grep -lF "$work" "$first"/build/bpf/*.o "$first/build/pimxdp" || :)" ''
is 'the build warns of nothing' "$(grep -i 'warning' "$work/first.log" || :)" ''
deb=${first%/*}/${built[0]}

lintian --allow-root --display-level='>=warning' "${first%/*}"/*.changes >"$work/lintian" 2>"$work/lintian.err" || :
is 'lintian has nothing to say' "$(one_line "$(<"$work/lintian")")" ''
is 'and was there to say it' "$(lintian --version | cut -d' ' -f1)" Lintian

# ---- what is in it ----

is 'the version of the package' "$(dpkg-deb -f "$deb" Version)" "$version"
is 'one script, and no configuration files' \
	"$(dpkg-deb --ctrl-tarfile "$deb" | tar -tf - | sed 's|^\./||; /^$/d' | sort | paste -sd' ')" 'control md5sums postrm'
dpkg-deb -x "$deb" "$work/in"
deployed() {
	(cd "$root" && find deploy -mindepth 2 -type f ! -path 'deploy/systemd/*') |
		sed 's|^deploy/|644 usr/share/pimxdp/|'
}
documents() { (cd "$root" && find docs -name '*.md' -o -name '*.svg') | sed 's|^|644 usr/share/doc/pimxdp/|'; }
is 'its files' "$(cd "$work/in" && find . -type f -printf '%m %P\n' | sort)" "$(sort - <(deployed) <(documents) <<END
755 usr/sbin/pimxdp
644 usr/lib/systemd/system/pimxdp@.service
644 usr/share/bash-completion/completions/pimxdp
644 usr/share/doc/pimxdp/README.Debian
644 usr/share/doc/pimxdp/CHANGELOG.md
644 usr/share/doc/pimxdp/CONTRIBUTING.md
644 usr/share/doc/pimxdp/README.md
644 usr/share/doc/pimxdp/changelog.gz
644 usr/share/doc/pimxdp/copyright
644 usr/share/doc/pimxdp/examples/contoso.prefixes
644 usr/share/doc/pimxdp/examples/metrics.conf
644 usr/share/doc/pimxdp/examples/partners.conf
644 usr/share/man/man5/partners.conf.5.gz
644 usr/share/man/man8/pimxdp.8.gz
END
)"
is 'and links' "$(cd "$work/in" && find . -type l -printf '%P %l\n')" 'usr/share/doc/pimxdp/LICENSE copyright'
pages=("$work"/in/usr/share/doc/pimxdp/{README,CHANGELOG,CONTRIBUTING,docs/*}.md)
# Also those that it only names.
cited=$(grep -oE '[A-Za-z0-9_/-]+\.md\b' "$root/README.md" | sort -u)
check 'README cites pages' test "$(wc -l <<<"$cited")" -ge 10
is 'each page that README cites is in the package' \
	"$(cd "$work/in/usr/share/doc/pimxdp" && while read -r page; do [[ -f $page ]] || say "$page"; done <<<"$cited")" ''
check 'each link of its pages leads to a file of the package' python3 "$root/tests/links.py" "${pages[@]}"
check 'a folder for configurations, empty' rmdir "$work/in/etc/pimxdp"
is 'the unit is the checkout'\''s' "$(<"$work/in/usr/lib/systemd/system/pimxdp@.service")" \
	"$(<"$root/deploy/systemd/pimxdp@.service")"
for page in man5/partners.conf.5 man8/pimxdp.8; do
	is "${page#*/} renders" "$(zcat "$work/in/usr/share/man/$page.gz" | mandoc -T html | grep -c 'id="SEE_ALSO"')" 1
done

readelf --wide --file-header --program-headers --dynamic --dyn-syms "$work/in/usr/sbin/pimxdp" >"$work/elf"
check 'position independent' grep -Eq 'Type: +DYN .*Position-Independent' "$work/elf"
check 'read-only relocations' grep -q GNU_RELRO "$work/elf"
check 'bound at start' grep -Eq 'FLAGS.*(BIND_NOW|NOW)' "$work/elf"
check 'stack protector' grep -q __stack_chk_fail "$work/elf"
check 'fortified' grep -Eq '__[a-z]*printf_chk' "$work/elf"

# ---- installed ----

make_root
mount --rbind /sys "$root_copy/sys"
cp "$deb" "$root_copy/pimxdp.deb"
cp -r "$root/debian/tests" "$root_copy/tests"
# Files and links that are new, without those of dpkg and its triggers.
added() {
	(cd /run/root/upper && find . \( -type f -o -type l \) -printf '%P\n') |
		grep -vE '^(var/|pimxdp\.deb$|tests/)' | sort
}
is 'nothing is added yet' "$(added)" ''
check 'it installs' chroot "$root_copy" dpkg --install /pimxdp.deb
is 'it adds its files, and starts and enables nothing' "$(added)" \
	"$(cd "$work/in" && find . \( -type f -o -type l \) -printf '%P\n' | sort)"
is 'dpkg finds it whole' "$(chroot "$root_copy" dpkg --verify pimxdp 2>&1)" ''
for test in installed attach; do
	check "autopkgtest: $test" chroot "$root_copy" "/tests/$test"
done
is 'these are all tests there are' "$(sed -n 's/^Tests: //p' "$root/debian/tests/control" | sort)" \
	"$(find "$root/debian/tests" -type f ! -name control -printf '%f\n' | sort)"
# A filter outlives the package, which says so, and how to take it off without pimxdp.
for interface in gone0 gone0.7; do
	ip link add "$interface" type veth peer name "far${interface#gone0}"
	ip link set "$interface" up
	chroot "$root_copy" pimxdp attach "$interface" --mode skb \
		--config /usr/share/doc/pimxdp/examples/partners.conf >"$work/attach" 2>&1 || cat "$work/attach"
done
mkdir /sys/fs/bpf/pimxdp/unfinished # no filter
# Whose folder it is decides whether root is told to remove what is in it.
tells() { sh "$root/debian/pimxdp.postrm" purge 2>&1; }
theirs="pimxdp: /sys/fs/bpf/pimxdp is not root's: a filter there is its owner's to take off"
chown 65534 /sys/fs/bpf/pimxdp
is 'of a folder of another user it says no command' "$(tells)" "$theirs"
chown 0 /sys/fs/bpf/pimxdp
mv /sys/fs/bpf/pimxdp /sys/fs/bpf/real
ln -s real /sys/fs/bpf/pimxdp
is 'nor of a link' "$(tells)" "$theirs"
rm /sys/fs/bpf/pimxdp
mv /sys/fs/bpf/real /sys/fs/bpf/pimxdp
check 'it is removed' chroot "$root_copy" dpkg --remove pimxdp
chroot "$root_copy" dpkg --purge pimxdp >"$work/purge" 2>&1 || not_ok 'it is purged' "$(<"$work/purge")"
is 'and leaves nothing' "$(added)" ''
rmdir /sys/fs/bpf/pimxdp/unfinished
is 'it names each filter that is still in force' \
	"$(sed -n 's/^pimxdp: a filter is still in force on \(.*\)\. To take it off:$/\1/p' "$work/purge" | paste -sd' ')" \
	'gone0 gone0.7'
attached() { ip -json link show | jq -r '.[] | select(.xdp).ifname' | sort | paste -sd' '; }
is 'and they are' "$(attached)" 'gone0 gone0.7'
sed -n 's/^    rm -r /rm -r /p' "$work/purge" >"$work/commands"
check 'the commands that it says' bash -e "$work/commands"
is 'take them off' "$(attached)" ''

# ---- the tarball ----

if [[ ! -e $root/.git ]]; then
	skip 'make dist' 'this is no git checkout'
	finish
fi
tarball=pimxdp-$version.tar.gz
dist() { make --no-print-directory -C "$root" dist BUILD="$1"; }
check 'make dist' dist "$work/dist1"
check 'make dist again' dist "$work/dist2"
same_files 'the same bytes again' "$work/dist1" "$work/dist2" "$tarball"
mkdir "$work/unpacked"
tar -xf "$work/dist1/$tarball" -C "$work/unpacked"
is 'one folder in it' "$(ls "$work/unpacked")" "pimxdp-$version"
unpacked=$work/unpacked/pimxdp-$version
is 'all that is committed' "$(cd "$unpacked" && find . -type f -printf '%P\n' | LC_ALL=C sort)" \
	"$(git -C "$root" ls-tree -r --name-only HEAD | LC_ALL=C sort)"
check 'it builds' make --no-print-directory -C "$unpacked"
is 'what it says' "$("$unpacked/build/pimxdp" --version 2>&1)" "$("$pimxdp" --version)"
check 'it installs' make --no-print-directory -C "$unpacked" install DESTDIR="$work/from-tarball"
status=0
make --no-print-directory -C "$unpacked" dist >"$work/dist.out" 2>"$work/dist.err" || status=$?
is 'make dist without git fails' "$status" 2
check 'and says why' grep -q '^make dist: expected a git checkout, .* clone the repository$' "$work/dist.err"
# Of another user's checkout git says nothing, not even to root, before it is told to trust it.
git -C "$unpacked" init --quiet
git -C "$unpacked" add Makefile
git -C "$unpacked" -c user.name=nobody -c user.email=nobody@example.org commit --quiet --message=x
chown -R 65534:65534 "$unpacked"
status=0
env -u SUDO_UID GIT_CONFIG_COUNT=0 HOME="$work" XDG_CONFIG_HOME="$work" GIT_CONFIG_NOSYSTEM=1 \
	make --no-print-directory -C "$unpacked" dist >"$work/dist.out" 2>"$work/dist.err" || status=$?
is 'make dist in a checkout of another user fails' "$status" 2
check 'and says what git wants' grep -q "^make dist: expected a checkout of this user, found .* owned by another.* git config --global --add safe.directory $unpacked$" \
	"$work/dist.err"
finish
