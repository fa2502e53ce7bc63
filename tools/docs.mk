# The page at /docs: its viewer by npm into build/npm-docs, then everything that nginx serves into build/docs.

DOCS_SOURCES := nginx/docs/index.html nginx/docs/docs.js nginx/docs/docs.css
DOCS_VENDOR  := swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt swagger-ui.css favicon-32x32.png LICENSE NOTICE
DOCS_NPM     := build/npm-docs/node_modules/swagger-ui-dist

.PHONY: docs
docs: build/docs/index.html ## the page at /docs, into build/docs

build/npm-docs/.made: nginx/docs/package.json nginx/docs/package-lock.json nginx/docs/.npmrc
	@command -v npm > /dev/null || { echo "npm is missing: apt-get install npm" >&2; exit 1; }
	@mkdir -p build/npm-docs
	@cp nginx/docs/package.json nginx/docs/package-lock.json nginx/docs/.npmrc build/npm-docs/
	@echo "docs: fetching the viewer (npm ci)"
	@cd build/npm-docs && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > npm.log 2>&1 || \
	  { cat npm.log >&2; echo "npm ci failed; is the registry reachable? (npm config get registry)" >&2; exit 1; }
	@touch $@

# The .gz twins are for nginx's gzip_static: 1.7 MB of script travel as 0.5.
build/docs/index.html: build/npm-docs/.made $(DOCS_SOURCES) tools/docs.mk
	@rm -rf build/docs && mkdir -p build/docs
	@cp $(addprefix $(DOCS_NPM)/,$(DOCS_VENDOR)) $(DOCS_SOURCES) build/docs/
	@cd build/docs && gzip -9 -n -k swagger-ui-bundle.js swagger-ui.css
	@chmod 0644 build/docs/*
	@touch $@
