# What `make install` puts where (docs/deployment.md): everything below DESTDIR, for programs that will be found at PREFIX.
# What is there and belongs to no package of ours (configuration, keys, the host's own nginx.conf) is never touched.

PREFIX  ?= /usr/local
DESTDIR ?=
WHERE   := $(DESTDIR)$(PREFIX)
SHARE   := $(WHERE)/share/anamnesis
# Units and tools/nginx-conf name files by the default prefix.
PLACED  := sed 's,/usr/local/\(lib\|share\)/,$(PREFIX)/\1/,g'

.PHONY: install
install: build ## programs, units, nginx's files and the manual page into DESTDIR, for PREFIX (/usr/local)
	@install -d $(WHERE)/bin $(WHERE)/lib/anamnesis $(WHERE)/lib/systemd/system $(WHERE)/share/man/man1 \
	  $(WHERE)/share/doc/anamnesis/adr $(SHARE)/docs $(SHARE)/nginx/www $(SHARE)/forms $(SHARE)/tools/instancelib
	@install -m 0755 $(BUILD)/anamnesis $(WHERE)/bin/
	@install -m 0755 $(BUILD)/anamnesis-fcgi $(BUILD)/anamnesis-jobs $(BUILD)/anamnesis-lambda \
	  $(BUILD)/anamnesis-scan $(BUILD)/anamnesis-scan-engine $(BUILD)/anamnesis-scan-clamd $(BUILD)/anamnesis-scan-picture $(BUILD)/anamnesis-scan-document \
	  $(BUILD)/anamnesis-store $(BUILD)/anamnesis-store-fetch $(WHERE)/lib/anamnesis/
	@for unit in deploy/systemd/*.service; do $(PLACED) $$unit > $(WHERE)/lib/systemd/system/$${unit##*/} || exit 1; done
	@$(PLACED) tools/nginx-conf > $(SHARE)/tools/nginx-conf && chmod 0755 $(SHARE)/tools/nginx-conf
	@install -m 0644 tools/instancelib/*.py $(SHARE)/tools/instancelib/
	@install -m 0644 nginx/*.conf nginx/nginx.conf.in $(SHARE)/nginx/
	@install -m 0644 nginx/www/* $(SHARE)/nginx/www/
	@install -m 0644 build/docs/* $(SHARE)/docs/
	@install -m 0644 $(GEN)/lanes.conf $(GEN)/problems.conf sql/bootstrap.sql $(SHARE)/
	@install -m 0644 forms/* $(SHARE)/forms/
	@install -m 0644 docs/*.md $(WHERE)/share/doc/anamnesis/
	@install -m 0644 docs/adr/*.md $(WHERE)/share/doc/anamnesis/adr/
	@install -m 0644 build/man/anamnesis.1 $(WHERE)/share/man/man1/
	@chmod 0644 $(WHERE)/lib/systemd/system/anamnesis*.service
	@echo "installed below $(WHERE)"
