# Every command a person needs; `make help` lists them. An instance is chosen by VAR (its directory) and PORT.

VAR     ?= var
PORT    ?= 8443
BUILD   ?= build
CC      := gcc
PYTHON  := /usr/bin/python3
GEN     := build/gen

ifeq (0,$(MAKELEVEL))
ifeq (,$(filter -j%,$(MAKEFLAGS)))
MAKEFLAGS += -j$(shell nproc)
endif
endif
MAKEFLAGS += --no-builtin-rules
# For programs that call make themselves: theirs begins anew, with a jobserver of its own.
ANEW    := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:

##@ An instance
.PHONY: help run start stop status
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z_-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST)) tools/docs.mk tools/install.mk
	@printf '\n%s\n' "Variables: VAR=$(VAR) PORT=$(PORT) (an instance's directory and port), BUILD=$(BUILD)"

run: ## install what is missing, build, start in the foreground; Ctrl-C stops everything
	@tools/install run && $(MAKE) --no-print-directory build && exec tools/instance --var "$(VAR)" --port "$(PORT)" run

start: ## the same in the background
	@tools/install run && $(MAKE) --no-print-directory build && tools/instance --var "$(VAR)" --port "$(PORT)" start

stop: ## stop what `make start` started
	@tools/instance --var "$(VAR)" stop

status: ## what runs, and where
	@tools/instance --var "$(VAR)" status

##@ Work on the code
.PHONY: build programs unit-programs unit asan coverage watch compile_commands fuzz-programs fuzz soak test test-peers style bench growth clean
test: ## build and run all tests on an instance of their own
	@tools/install run test && $(ANEW) tools/test-all $(SUITES)

test-peers: ## the suites against other programs that need PyPI, npm, Maven or Go
	@tools/install run test peers && $(ANEW) tools/test-all --peers $(SUITES)

asan: ## the unit tests with the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=1 COUNT=1 unit

coverage: ## which lines the unit tests and the API tests reach: printed by room, and a page in build/coverage/html
	@tools/install run test && $(ANEW) tools/test-all coverage

fuzz: ## libFuzzer over every tests/fuzz/fuzz_*.c, with the sanitizers; ANAMNESIS_FUZZ_SECONDS each (30)
	@tools/install run test && $(MAKE) --no-print-directory BUILD=build/fuzz CC=clang SANITIZE=1 FUZZ=1 fuzz-programs && \
	  tools/run-fuzz $(addprefix build/fuzz/tests/fuzz/,$(if $(FUZZ_ONLY),$(FUZZ_ONLY),$(basename $(notdir $(wildcard tests/fuzz/fuzz_*.c)))))

soak: ## the same, half an hour each; FUZZ_ONLY="fuzz_media_type ..." takes some of them
	@ANAMNESIS_FUZZ_SECONDS=$${ANAMNESIS_FUZZ_SECONDS:-1800} $(MAKE) --no-print-directory fuzz

watch: ## build and run the unit tests, and again after each change; WATCH= other targets
	@tools/install work && $(ANEW) tools/watch . make --no-print-directory $(or $(WATCH),build unit)

style: ## what the compiler does not check
	@$(PYTHON) tools/style.py && $(PYTHON) tools/join_api.py --check

bench: ## the benchmark, on an instance of its own
	@tools/install run bench && $(MAKE) --no-print-directory build && $(ANEW) bench/run

growth: ## the pages that lists and reads touch with ten thousand and with a million responses
	@tools/install run test && $(MAKE) --no-print-directory build && $(ANEW) bench/growth

clean: ## remove what was built; instances stay
	rm -rf build

# Targets that compile nothing: they must work before anything is installed.
COMPILE_NOTHING := help run start stop status test test-peers asan coverage watch fuzz soak style bench growth clean docs

# What follows needs the generated sources. They are made while this file is read (make reads it again after), so
# that their list is known; a generator leaves a file alone when its content is the same.
ifneq ($(filter-out $(COMPILE_NOTHING),$(MAKECMDGOALS)),)

GENERATORS := tools/join_api.py tools/gen_api.py tools/gen_sql.py tools/gen_migrations.py tools/gen_grants.py tools/gen_mail.py tools/gen_cli.py
GEN_INPUTS := openapi.yaml problems.tsv tools/grants.sql tests/golden/grants.tsv $(wildcard tools/contract/*.py) \
              $(shell find api sql lib/mail/texts cli/help)

$(GEN)/gen.mk: $(GENERATORS) $(GEN_INPUTS)
	@mkdir -p $(GEN)
	@for generator in $(GENERATORS); do echo "GEN  $$generator"; $(PYTHON) $$generator || exit 1; done
	@echo "GEN_SOURCES := $$(ls $(GEN)/*.c | sort | tr '\n' ' ')" > $@

include $(GEN)/gen.mk
endif

# --- Flags: the hardening list of docs/security.md, and every warning an error.
WARNINGS  := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
BRANCHES  := $(if $(filter aarch64,$(shell uname -m)),-mbranch-protection=standard,-fcf-protection)
HARDENING := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection $(BRANCHES) \
             -ftrivial-auto-var-init=zero
SANITIZER := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
COVERAGE  := $(if $(FUZZ),-fsanitize=fuzzer-no-link)
COUNTED   := $(if $(COUNT),--coverage -DANAMNESIS_COVERAGE)
MODE      := $(if $(SANITIZE),-O1 $(SANITIZER) $(COVERAGE),$(if $(COUNT),-O0,-O2 $(HARDENING))) $(COUNTED)
CFLAGS    := -std=c11 -D_GNU_SOURCE -g $(MODE) $(WARNINGS) -fPIE -I. -isystem /usr/include/postgresql \
             $(addprefix -isystem /usr/,include/poppler/glib include/cairo include/glib-2.0 lib/$(shell uname -m)-linux-gnu/glib-2.0/include)
comma     := ,
# The C library's start files do not say that they bear a shadow stack, as everything does that only calls and returns.
SHADOW    := $(if $(filter x86_64,$(shell uname -m)),-Wl$(comma)-z$(comma)shstk)
LDFLAGS   := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(SHADOW) -Wl,--as-needed $(if $(SANITIZE),$(SANITIZER)) $(if $(COUNT),--coverage)
LIBS      := -lpq -ljson-c -lsodium -lfido2 -lcrypto -lpcre2-8 -lunistring -lidn2 -lqrencode -lseccomp -lm

# --- Objects: the same ones are in every program; a program takes from the archive what it needs.
sources    = $(sort $(shell find $(1) -name '*.c'))
objects    = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ARCHIVE   := $(BUILD)/libanamnesis.a
SHARED    := $(call objects,$(call sources,lib app handlers) $(GEN_SOURCES))
FCGI      := $(call objects,$(call sources,fcgi))
LAMBDA    := $(call objects,$(call sources,lambda))
JOBS      := $(call objects,$(call sources,jobs))
STORE     := $(call objects,$(filter-out store/fetch_main.c,$(call sources,store)))
CLI       := $(call objects,$(call sources,cli))
# What the programs have in common that open files.
CELL      := $(call objects,scan/cell.c scan/cell_filter.c scan/serve.c scan/wire.c)
# What has a key and a connection, and opens no file.
CONDUCTOR := $(call objects,$(addprefix scan/,main.c crew.c apart.c work.c conductor.c pdf.c gather.c ask.c keep.c tagged.c signatures.c unseal.c wire.c))
ENGINE    := $(call objects,$(wildcard scan/engine*.c))
# What decodes pictures, which no other program is linked to.
PICTURE   := $(call objects,$(filter-out scan/picture_main.c,$(wildcard scan/picture*.c)))
DOCUMENT  := $(call objects,$(wildcard scan/document*.c))
READERS   := -lqpdf -lpoppler-glib -lgobject-2.0 -lglib-2.0 -lcairo -lfontconfig
# What speaks to S3, and to a mail server.
CLOUD     := -lcurl -lexpat
DECODERS  := -ljpeg -lpng16 -lwebp -lwebpdemux -lheif -llcms2
PROGRAMS  := $(addprefix $(BUILD)/,anamnesis-fcgi anamnesis-lambda anamnesis-jobs anamnesis-scan anamnesis-scan-engine anamnesis-scan-clamd anamnesis-scan-picture anamnesis-scan-document anamnesis-store anamnesis-store-fetch anamnesis)

build: programs docs ## the programs and the page at /docs, into build/
programs: $(PROGRAMS)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC   $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Appended (q), not replaced: two rooms may have files of one name. In one step: another make may be linking.
$(ARCHIVE): $(SHARED)
	@rm -f $@.new && ar qcs $@.new $^ && mv $@.new $@

define link
	@mkdir -p $(@D)
	@echo "LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(1) $(LIBS)
endef

$(BUILD)/anamnesis-fcgi: $(FCGI) $(ARCHIVE)
	$(call link,-lfcgi $(CLOUD))
$(BUILD)/anamnesis-lambda: $(LAMBDA) $(ARCHIVE)
	$(call link,$(CLOUD))
$(BUILD)/anamnesis-jobs: $(JOBS) $(ARCHIVE)
	$(call link,$(CLOUD))
$(BUILD)/anamnesis-scan: $(CONDUCTOR) $(ARCHIVE)
	$(call link,$(CLOUD))
# libclamav is under the GPL, version 2: nothing else may link it.
$(BUILD)/anamnesis-scan-engine: $(ENGINE) $(CELL) $(ARCHIVE)
	$(call link,-lclamav)
$(BUILD)/anamnesis-scan-clamd: $(call objects,scan/clamd_main.c scan/clamd.c scan/engine_alert.c scan/engine_canary.c) $(CELL) $(ARCHIVE)
	$(call link,)
# Its loops are long and simple: what -O2 does not turn into vectors, -O3 does.
$(BUILD)/obj/scan/picture_shrink.o: CFLAGS += $(if $(SANITIZE)$(COUNT),,-O3)
$(BUILD)/anamnesis-scan-picture: $(call objects,scan/picture_main.c scan/film_cell.c) $(PICTURE) $(CELL) $(ARCHIVE)
	$(call link,$(DECODERS))
# poppler is under the GPL, version 2 or 3: nothing else links it.
$(BUILD)/anamnesis-scan-document: $(DOCUMENT) $(CELL) $(ARCHIVE)
	$(call link,$(READERS))
$(BUILD)/anamnesis-store: $(STORE) $(ARCHIVE)
	$(call link,)
# What speaks to S3 for it, and has no key to a file.
$(BUILD)/anamnesis-store-fetch: $(call objects,store/fetch_main.c) $(ARCHIVE)
	$(call link,$(CLOUD))
$(BUILD)/anamnesis: $(CLI) $(ARCHIVE)
	$(call link,$(CLOUD))

# --- Unit tests: every tests/unit/test_*.c is a program; other files there are linked to each of them.
# Every tests/programs/*.c is a program that Python tests call.
UNIT_TESTS   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNIT_SUPPORT := $(call objects,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/programs/*.c))

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_SUPPORT) $(ARCHIVE)
	$(call link,-lcmocka $(CLOUD) -ljpeg)
$(BUILD)/tests/unit/test_picture_%: $(BUILD)/obj/tests/unit/test_picture_%.o $(PICTURE) $(UNIT_SUPPORT) $(ARCHIVE)
	$(call link,-lcmocka $(DECODERS) -lwebpmux)
$(BUILD)/tests/unit/test_scan_%: $(BUILD)/obj/tests/unit/test_scan_%.o $(filter-out %/main.o,$(CONDUCTOR)) $(UNIT_SUPPORT) $(ARCHIVE)
	$(call link,-lcmocka $(CLOUD) -ljpeg)
$(BUILD)/tests/unit/test_store_connection: $(BUILD)/obj/tests/unit/test_store_connection.o $(filter-out %/main.o,$(STORE)) $(UNIT_SUPPORT) $(ARCHIVE)
	$(call link,-lcmocka)
$(BUILD)/tests/programs/%: $(BUILD)/obj/tests/programs/%.o $(ARCHIVE)
	$(call link,)
$(BUILD)/tests/programs/s3_run: $(BUILD)/obj/tests/programs/s3_run.o $(ARCHIVE)
	$(call link,$(CLOUD))
$(BUILD)/tests/programs/scan_ask: $(BUILD)/obj/tests/programs/scan_ask.o $(call objects,scan/wire.c) $(ARCHIVE)
	$(call link,)
$(BUILD)/tests/programs/heic_write: $(BUILD)/obj/tests/programs/heic_write.o $(ARCHIVE)
	$(call link,-lheif)

unit-programs: $(UNIT_TESTS) $(TEST_PROGRAMS)
unit: unit-programs ## the unit tests
	@tools/run-unit $(UNIT_TESTS)

# --- Fuzzing (make fuzz): every tests/fuzz/fuzz_*.c is a libFuzzer program; other files there are linked to each.
FUZZERS      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SUPPORT := $(call objects,$(filter-out tests/fuzz/fuzz_%,$(wildcard tests/fuzz/*.c)))

$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_SUPPORT) $(ARCHIVE)
	$(call link,-fsanitize=fuzzer $(CLOUD) -lm)

$(BUILD)/tests/fuzz/fuzz_picture_exif: $(BUILD)/obj/tests/fuzz/fuzz_picture_exif.o $(call objects,scan/picture_exif.c) $(FUZZ_SUPPORT) $(ARCHIVE)
	$(call link,-fsanitize=fuzzer $(CLOUD) -lm)

fuzz-programs: $(FUZZERS)

# --- For editors.
COMMANDS  ?= compile_commands.json
C_SOURCES := $(call sources,lib app handlers fcgi lambda jobs scan store cli tests) $(GEN_SOURCES)
compile_commands: ## compile_commands.json, for editors and clang's tools
	@tools/compile-commands $(COMMANDS) "$(CC)" "$(CFLAGS)" $(C_SOURCES)

-include $(shell [ ! -d $(BUILD)/obj ] || find $(BUILD)/obj -name '*.d')
include tools/docs.mk
include tools/install.mk
