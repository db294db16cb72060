# The checks themselves are in .ci/run, so that what passes here passes there.

FUZZTIME ?= 1m

.DEFAULT_GOAL := help
.PHONY: help build test race lint arch crawl bench rivals stress explore fuzz cover ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## compile everything
	go build ./...

test: ## run the tests; what did not change comes from the cache
	go test ./...

race: ## run the tests under the race detector
	.ci/run race

lint: ## gofmt, vet and staticcheck
	.ci/run format vet staticcheck

arch: ## which package may import which
	.ci/run arch

crawl: ## crawl the example's own site, with its progress shown
	go run ./examples/crawler

bench: ## measure beside channels and Proto.Actor, in less than a minute; fail where it got twice as slow
	.ci/run bench

rivals: ## measure the patterns beside the libraries that people use today, in a few minutes
	cd benchmarks/rivals && go run .

# TROUPE_STRESS=1 makes the tests that read it run with many more actors, messages and rounds. They take as long as they
# take: a time limit would only turn a slow machine into a failure.
stress: ## run the tests scaled up (TROUPE_STRESS=1), without a time limit
	TROUPE_STRESS=1 go test -count=1 -timeout=0 ./mailbox/... ./supervisor/... ./runtime/... ./patterns/...

SEEDS ?= 1-1000000

explore: ## run each explored system in a million orders (SEEDS=from-to for others)
	TROUPE_SEEDS=$(SEEDS) go test -count=1 -timeout=0 -run '^TestExplore[A-Z]' ./...

fuzz: ## run each fuzz target for FUZZTIME (1m), one after another
	@set -eu; for pkg in $$(go list ./...); do \
		listed=$$(go test -list '^Fuzz' "$$pkg"); \
		for target in $$listed; do \
			case $$target in Fuzz*) \
				echo "== $$pkg $$target"; \
				go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg";; \
			esac; \
		done; \
	done

cover: ## run the tests and print each function's coverage
	go test -count=1 -coverpkg=./mailbox/...,./supervisor/...,./runtime/...,./patterns/... -coverprofile=cover.out ./...
	go tool cover -func=cover.out

ci: ## everything that a change must pass
	.ci/run

clean: ## remove what the other targets leave behind
	rm -f cover.out crawler *.test *.prof
