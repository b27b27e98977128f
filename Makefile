# qlog: slow-query log analyser. `make help` lists what can be made.
#
# One file, no recursion but for variants: every object of a variant lies below
# build/VARIANT, so that they never mix. Nothing is built outside build/.

VARIANT ?= release
B       := build/$(VARIANT)

PREFIX     ?= /usr/local
bindir     ?= $(PREFIX)/bin
datadir    ?= $(PREFIX)/share
man1dir    ?= $(datadir)/man/man1
docdir     ?= $(datadir)/doc/qlog
bashdir    ?= $(datadir)/bash-completion/completions
zshdir     ?= $(datadir)/zsh/site-functions
fishdir    ?= $(datadir)/fish/vendor_completions.d
unitdir    ?= $(PREFIX)/lib/systemd/system
INSTALL    ?= install
PKG_CONFIG ?= pkg-config
CC         ?= cc
AR         ?= ar
FUZZ_CC    ?= clang
FUZZ_SECONDS ?= 60

CFLAGS  ?= -O3 -g
# Runs anywhere the architecture does; only the choice of instructions is made for machines of today
# (the generic one clears structures with slow string instructions).
TUNE_x86_64 = -mtune=skylake
TUNE    := $(TUNE_$(shell uname -m))
WARNINGS = -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 \
           -Wundef -Wdouble-promotion
HARDEN   = -fstack-protector-strong -fPIE
HARDEN_LD = -pie -Wl,-z,relro,-z,now

# What the program stands on, as Debian's packages name it. `deps` installs what
# building and `make test` need, `deps-all` what the longer suites need as well.
DEPS     = gcc make pkg-config libsqlite3-dev libpcre2-dev libxxhash-dev libmd-dev \
           libarchive-dev zlib1g-dev libbz2-dev liblzma-dev libzstd-dev liblz4-dev libcmocka-dev sqlite3 python3
DEPS_ALL = $(DEPS) clang clang-format clang-tidy libclang-rt-14-dev postgresql-15 postgresql-client-15 \
           libpg-query-dev pgbouncer mariadb-server-core mariadb-client-core rsyslog jq bzip2 gzip chromium pgbadger \
           mariadb-client percona-toolkit sysbench time man-db mandoc zsh fish systemd python3-jsonschema
LIBRARIES = sqlite3 libpcre2-8 libxxhash libmd libarchive zlib liblzma libzstd liblz4

VARIANT_release =
VARIANT_debug   = -O0 -g3
VARIANT_asan    = -O1 -g -fsanitize=address -fno-omit-frame-pointer
VARIANT_ubsan   = -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
VARIANT_tsan    = -O1 -g -fsanitize=thread
VARIANT_fuzz    = -O1 -g -DQLOG_NEAR_LINES=16 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
VARIANTS        = debug asan ubsan tsan

ifeq ($(VARIANT),fuzz)
CC := $(FUZZ_CC)
endif
ifeq ($(VARIANT),release)
HARDEN += -D_FORTIFY_SOURCE=2
endif

# What is run is told in a word; V=1 shows the commands.
say = @printf '%-6s %s\n'
ifeq ($(V),1)
say = @:
quiet =
else
quiet = @
endif

# Evaluated only where something is compiled: `make deps` must run before pkg-config exists.
LIB_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(LIBRARIES))
LIB_LIBS   = $(shell $(PKG_CONFIG) --libs $(LIBRARIES))
VERSION   := $(shell cat VERSION)
ALL_CFLAGS = -std=c11 -DQLOG_VERSION='"$(VERSION)"' -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Isrc -I. -I$(B) $(WARNINGS) $(HARDEN) \
             -ffile-prefix-map=$(CURDIR)=. $(TUNE) $(CFLAGS) $(VARIANT_$(VARIANT)) $(CPPFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(VARIANT_$(VARIANT)) $(LDFLAGS)
# libbz2 has no file for pkg-config.
ALL_LIBS   = $(LIB_LIBS) -lbz2 -lpthread -lm

HOST_TOOLS := src/embed.c
SOURCES    := $(sort $(filter-out src/main.c $(HOST_TOOLS),$(wildcard src/*.c src/*/*.c parsers/*.c parsers/*/*.c)))
ASSETS     := $(sort $(filter-out templates/README.md,$(wildcard templates/*.md templates/*.jira templates/*.html templates/*.css templates/*.js templates/documents/* templates/tables/*.sql src/store/*.sql src/normalise/*.txt)))
DOCUMENTS  := $(addprefix $(B)/,qlog.1 qlog.bash _qlog qlog.fish)
OBJECTS    := $(SOURCES:%.c=$(B)/%.o) $(B)/assets.o
LIBRARY    := $(B)/libqlog.a
PROGRAM    := $(B)/qlog
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZERS    := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

.DEFAULT_GOAL := all
.PHONY: all deps deps-all demo test unit cases documents installed accept properties servers nightly schemas browser corpus check lint format bench fuzz \
        install uninstall clean help $(VARIANTS)
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM) $(DOCUMENTS) ## build the program (build/release/qlog), its manual page and completions

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-12s %s\n", $$1, $$2}'
	@printf '%-12s %s\n' '$(VARIANTS)' 'build below build/VARIANT; test one with make test VARIANT=asan'

# --- building ---------------------------------------------------------------

$(PROGRAM): $(B)/src/main.o $(LIBRARY)
	$(say) link $@
	$(quiet)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(say) pack $@
	$(quiet)$(AR) crD $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(say) cc $<
	$(quiet)$(CC) $(ALL_CFLAGS) $(LIB_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/assets.o: $(B)/assets.c
	$(say) cc $<
	$(quiet)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/assets.c: $(B)/embed $(ASSETS)
	$(say) embed $@
	$(quiet)$(B)/embed $(ASSETS) >$@

$(B)/embed: src/embed.c
	@mkdir -p $(@D)
	$(say) cc $<
	$(quiet)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -O1 $(WARNINGS) -o $@ $<

# The manual page and the completions come from the program's own tables.
$(DOCUMENTS): $(PROGRAM)
	$(say) write $@
	$(quiet)$(PROGRAM) document $(@F) >$@

$(VARIANTS):
	$(MAKE) VARIANT=$@ all

# --- what a newcomer runs -----------------------------------------------------

deps: ## install what building and `make test` need (Debian's packages)
	@tests/install-packages $(DEPS)

deps-all: ## install what the longer suites need as well
	@tests/install-packages $(DEPS_ALL)
	@command -v npm >/dev/null || tests/install-packages nodejs npm
	@npm ci --prefix tests/browser --silent --no-audit --no-fund
	@npm ci --prefix tests/servers/applications --silent --no-audit --no-fund

demo: $(PROGRAM) ## analyse the samples: an answer in the terminal and in report.html
	@$(PROGRAM) analyze samples/postgresql.log
	@$(PROGRAM) analyze samples/mongod.log
	@$(PROGRAM) analyze samples/mysql-slow.log
	@$(PROGRAM) analyze -o report.html samples/postgresql.log
	@echo 'All of it, for a browser: report.html'

# --- tests --------------------------------------------------------------------

test: unit cases documents installed ## unit tests, golden command-line cases, manual and completions, installation

unit: $(UNIT_TESTS)
	@tests/run-unit $(UNIT_TESTS)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(say) link $@
	$(quiet)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS) -lcmocka

cases: $(PROGRAM)
	@tests/run-cases $(PROGRAM)

documents: $(PROGRAM) $(DOCUMENTS)
	@tests/documents $(PROGRAM) $(DOCUMENTS)

installed: all
	@tests/installed

accept: $(PROGRAM) ## rewrite the golden cases' expected output; review the diff
	@tests/run-cases --accept $(PROGRAM)

nightly: $(PROGRAM) $(B)/tests/nightly/cut_short.so ## kills, full disks, rotation under the reader, on generated logs; the units under systemd
	@tests/nightly/run $(PROGRAM)
	@tests/nightly/under-systemd

$(B)/tests/nightly/cut_short.so: tests/nightly/cut_short.c
	@mkdir -p $(@D)
	$(say) cc $<
	$(quiet)$(CC) -std=c11 -O1 -fPIC -shared $(WARNINGS) -o $@ $< -ldl

properties: $(PROGRAM) ## the six laws, on generated logs; how often a comparison of nights is right
	@tests/properties/run $(PROGRAM)
	@tests/properties/nights $(PROGRAM)

servers: $(PROGRAM) ## against real PostgreSQL and MariaDB servers, started by the tests
	@tests/servers/run $(PROGRAM)
	@tests/servers/query-ids $(PROGRAM)
	@tests/servers/digests $(PROGRAM)
	@tests/servers/locks $(PROGRAM)
	@tests/servers/syslog $(PROGRAM)
	@tests/servers/export $(PROGRAM)
	@tests/servers/slow-log $(PROGRAM)
	@tests/servers/applications/run $(PROGRAM)

schemas: $(PROGRAM) ## reports against their published schemas
	@tests/schemas $(PROGRAM)

browser: $(PROGRAM) ## the HTML reports in headless Chromium
	@tests/browser/run $(PROGRAM)

corpus: $(PROGRAM) ## known answers of real logs; needs CORPUS=folder
	@tests/corpus $(PROGRAM)
	@tests/corpus-mysql $(PROGRAM)

check: lint test properties nightly servers schemas browser corpus ## everything but the sanitizers and the fuzzers

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(say) link $@
	$(quiet)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

bench: $(PROGRAM) $(B)/tests/bench/fingerprints ## speed and memory, as ratios against grep -c on the same file; BENCH_RESULTS=- keeps no record
	@tests/bench/run $(PROGRAM) $(B)/tests/bench/fingerprints

fuzz: ## every fuzz target for FUZZ_SECONDS each
	$(MAKE) VARIANT=fuzz fuzzers
	@tests/fuzz/run $(FUZZ_SECONDS) build/fuzz

.PHONY: fuzzers
fuzzers: $(FUZZERS)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(say) link $@
	$(quiet)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# --- upkeep -------------------------------------------------------------------

lint: ## include directions, banned calls, names, globals, formatting
	@tests/lint

format: ## clang-format every source file
	clang-format -i $$(git ls-files '*.c' '*.h')

# What is installed, as FILE:MODE:PLACE; `@bindir@` in it becomes the folder of the program.
INSTALLED = $(PROGRAM):0755:$(bindir)/qlog $(B)/qlog.1:0644:$(man1dir)/qlog.1 \
            $(B)/qlog.bash:0644:$(bashdir)/qlog $(B)/_qlog:0644:$(zshdir)/_qlog $(B)/qlog.fish:0644:$(fishdir)/qlog.fish \
            $(foreach f,qlog@.service qlog@.timer,templates/nightly/$f:0644:$(unitdir)/$f) \
            $(foreach f,nightly.conf qlog.cron logrotate.txt,templates/nightly/$f:0644:$(docdir)/$f) \
            $(foreach f,$(notdir $(wildcard templates/schema/*.json)),templates/schema/$f:0644:$(docdir)/$f) \
            $(foreach f,README.md LICENSE,$f:0644:$(docdir)/$f)

install: all ## install into DESTDIR/PREFIX
	@set -e; for row in $(INSTALLED); do \
	    file=$${row%%:*}; rest=$${row#*:}; place="$(DESTDIR)$${rest#*:}"; \
	    $(INSTALL) -D -m $${rest%%:*} $$file "$$place"; \
	    case $$file in templates/*) sed -i 's|@bindir@|$(bindir)|g' "$$place" ;; esac; done

uninstall: ## take it out again
	@for row in $(INSTALLED); do rm -f "$(DESTDIR)$${row##*:}"; done
	@rmdir "$(DESTDIR)$(docdir)" 2>/dev/null || true

clean: ## remove everything built
	rm -rf build report.html

-include $(OBJECTS:.o=.d) $(B)/src/main.d $(B)/tests/bench/fingerprints.d $(UNIT_TESTS:=.d) $(FUZZERS:=.d)
