# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# From the built tree to a machine: install, image and dist. Included by the Makefile.

PREFIX  ?= /usr/local
DESTDIR ?=
# Where systemd looks for the units of packages with this prefix; /etc/systemd/system
# is another choice.
UNITDIR ?= $(PREFIX)/lib/systemd/system

DOCDIR    := $(PREFIX)/share/doc/pimxdp
# Files for other programs: alerts, dashboards, profiles. Units have their own place.
DEPLOYED  := $(shell find deploy -mindepth 2 -type f ! -path 'deploy/systemd/*' | LC_ALL=C sort)
DROP_INS  := $(wildcard deploy/systemd/*.conf)
EXAMPLES  := $(wildcard examples/*)
# Installed with the README, which links to them.
DOCUMENTS := $(wildcard docs/*.md docs/*.svg)
LICENSES  := $(wildcard LICENSES/*)
MAN_PAGES := $(wildcard man/*.[1-9])

# $(call install_file,MODE,FILE,PLACE)
install_file = install -D -m $(1) $(2) '$(DESTDIR)$(3)'
define newline


endef
# $(call install_files,FILES,FOLDER): one command per file, each under its own name.
install_files = $(foreach file,$(1),$(call install_file,0644,$(file),$(2)/$(notdir $(file)))$(newline)	)

.PHONY: install image dist

install: $(BUILD)/pimxdp ## into DESTDIR/PREFIX
	$(call install_file,0755,$<,$(PREFIX)/sbin/pimxdp)
	$(foreach page,$(MAN_PAGES),$(call install_files,$(page),$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))))
	$(call install_file,0644,completion/pimxdp.bash,$(PREFIX)/share/bash-completion/completions/pimxdp)
	$(call install_file,0644,deploy/systemd/pimxdp@.service,$(UNITDIR)/pimxdp@.service)
	sed -i 's|/usr/sbin/|$(PREFIX)/sbin/|' '$(DESTDIR)$(UNITDIR)/pimxdp@.service'
	$(foreach file,$(DEPLOYED),$(call install_file,0644,$(file),$(PREFIX)/share/pimxdp/$(file:deploy/%=%))$(newline)	)
	$(call install_files,$(EXAMPLES) $(DROP_INS),$(DOCDIR)/examples)
	$(call install_files,README.md CHANGELOG.md CONTRIBUTING.md LICENSE,$(DOCDIR))
	$(call install_files,$(DOCUMENTS),$(DOCDIR)/docs)
	$(call install_files,$(LICENSES),$(DOCDIR)/LICENSES)

# Tagged with the version, and without one (latest). The same sources and tools make the
# same image.
PODMAN ?= podman
IMAGE  ?= localhost/pimxdp
image: static ## a container image of the static binary alone, with podman
	$(Q)$(PODMAN) build --quiet --network=none --timestamp=$(or $(SOURCE_DATE_EPOCH),0) \
		--build-arg VERSION=$(VERSION) --tag $(IMAGE):$(VERSION) --tag $(IMAGE) \
		--file deploy/container/Containerfile $(BUILD)/static

# The committed files, with the commit's time: the same bytes each time.
DIST := $(BUILD)/pimxdp-$(VERSION).tar.gz
dist: ## build/pimxdp-VERSION.tar.gz of HEAD (needs git)
	@if [ -e .git ] && git rev-parse --verify HEAD 2>&1 | grep -q 'dubious ownership'; then \
		echo "make dist: expected a checkout of this user, found $(CURDIR) owned by another, which git" \
			"does not read: git config --global --add safe.directory $(CURDIR)" >&2; exit 1; fi
	@git rev-parse --verify --quiet HEAD >/dev/null && [ -e .git ] || { \
		echo "make dist: expected a git checkout, since the tarball is what HEAD has committed;" \
			"found none in $(CURDIR): clone the repository" >&2; exit 1; }
	@git diff --quiet HEAD -- || echo "make dist: what is not committed is left out" >&2
	@mkdir -p $(BUILD)
	git archive --format=tar --prefix=pimxdp-$(VERSION)/ --output=$(DIST:.gz=) HEAD
	gzip -9 --no-name --force $(DIST:.gz=)
