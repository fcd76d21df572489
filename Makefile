# Targets for developers; `make help` lists them. They need Go, gcc (for the race detector) and make.

GO       ?= go
N        ?= 10000
FUZZTIME ?= 60s

# The tools have a module of their own, so that they never touch the users' go.mod.
TOOL := $(GO) tool -modfile=.ci/tools/go.mod

# `./...` and directory walks skip testdata, which holds packages too.
PACKAGES := ./... ./testdata ./testdata/fx ./testdata/known

# Packages whose tests import rapid, directly or not: elsewhere -rapid.checks is an unknown flag.
LAWS ?= ./...
RAPID = $(GO) list -test -f '{{range .Deps}}{{if eq . "pgregory.net/rapid"}}{{$$.ImportPath}}{{"\n"}}{{end}}{{end}}' $(LAWS) | sed -n 's/\.test$$//p'

.PHONY: help check check-format vet staticcheck layering kernels check-kernels fmt test race prop cost optima bits fuzz bench performance run gallery

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

check: check-format vet staticcheck layering check-kernels ## format, vet, staticcheck and layering

check-format: ## fail if gofumpt would change a file
	@files=$$($(TOOL) gofumpt -l . testdata) || exit; \
	[ -z "$$files" ] || { printf 'Not formatted (run make fmt):\n%s\n' "$$files" >&2; exit 1; }

vet: ## go vet
	$(GO) vet $(PACKAGES)

staticcheck: ## staticcheck
	$(TOOL) staticcheck $(PACKAGES)

layering: ## check that imports run one way: expr, ad, clarke, conservative, sgd, experiments
	$(GO) test -run Layering .

# The generator has a module of its own, so that users never see what it needs.
KERNELS := expr/vm/kernel

kernels: ## write the assembly of expr/vm/kernel anew
	cd $(KERNELS)/gen && $(GO) run . -dir ..

check-kernels: ## fail if the assembly is not what its generator writes
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && (cd $(KERNELS)/gen && $(GO) run . -dir "$$dir") && \
	for f in "$$dir"/*; do cmp "$$f" $(KERNELS)/"$${f##*/}" || { echo 'run make kernels' >&2; exit 1; }; done

fmt: ## format all Go files with gofumpt
	$(TOOL) gofumpt -w . testdata

test: ## all tests under the race detector, in random order
	$(GO) test -race -shuffle=on ./...

# A fresh seed for each run of the laws, printed first; make prop SEED=… repeats a run.
SEED := $(shell od -An -N7 -tu8 /dev/urandom | tr -d ' ')

# Laws are about values, not about races: a few checks show each path to the detector. make vet has seen all tests.
race: ## the short tests under the race detector, few checks a law: make race LAWS=./conservative/...
	$(GO) test -race -vet=off -short $$($(RAPID)) -rapid.checks=10 -rapid.seed=$(SEED)
	$(GO) list $(LAWS) | grep -vxF "$$($(RAPID))" | xargs -r $(GO) test -race -vet=off -short

prop: ## property laws (tests with Law in their name) with N rapid checks each: make prop N=100000 LAWS=./ad
	@echo "seed $(SEED); make prop N=$(N) SEED=$(SEED) repeats this run"
	$(GO) test -count=1 -vet=off -run Law -timeout 0 $$($(RAPID)) -rapid.checks=$(N) -rapid.seed=$(SEED)

cost: ## largest counted cost of a gradient among N random affine-relu programs, and that program
	$(GO) test -count=1 -run LawCost -timeout 0 -v ./ad -rapid.checks=$(N) -rapid.seed=$(SEED) | grep -A 40 'largest ratio'

optima: ## minimise all test problems, up to 200 variables, and print the table of what is reached
	$(GO) test -count=1 -run TestOptima -timeout 0 -v ./clarke/descent -optima

bits: ## check that results have the same bits for GOAMD64=v1 and v3
	.ci/bits

fuzz: ## run each fuzz target for FUZZTIME: make fuzz FUZZTIME=10m
	$(GO) test -run '^$$' -fuzz '^FuzzParse$$' -fuzzminimizetime 50x -fuzztime $(FUZZTIME) ./expr/parse
	$(GO) test -run '^$$' -fuzz '^FuzzReadJSON$$' -fuzzminimizetime 50x -fuzztime $(FUZZTIME) ./expr
	$(GO) test -run '^$$' -fuzz '^FuzzUnmarshal$$' -fuzzminimizetime 50x -fuzztime $(FUZZTIME) ./sgd/npz
	$(GO) test -run '^$$' -fuzz '^FuzzExplain$$' -fuzzminimizetime 50x -fuzztime $(FUZZTIME) ./experiments

bench: ## all benchmarks, with allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

performance: ## measure beside the installed libraries and write docs/performance.md; the machine should be quiet
	$(GO) run -buildvcs=true ./experiments bench --rounds 5 --threads 1,2 --markdown docs/performance.md

run: ## the main job: run every claim and print the ledger
	$(GO) run ./experiments run

# The figures of the README: claims at their defaults with seed 1, and one drawing of explain.
GALLERY := program-equivalence/spellings-relu artificial-points/walks constant-step/sizes rotation-equivariance/gap maximum-margin/direction

gallery: ## draw the figures in docs/gallery anew
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && mkdir -p docs/gallery && \
	$(GO) build -o "$$dir/experiments" ./experiments && \
	"$$dir/experiments" explain 'max(x,y) - max(-x,y) + relu(x) - relu(-x)' --at x=0,y=0 --figure docs/gallery/explain.svg >/dev/null && \
	for f in $(GALLERY); do \
		"$$dir/experiments" run "$${f%/*}" --seed 1 --out "$$dir/runs" >/dev/null && \
		cp "$$dir/runs/$${f%/*}"/*/figures/"$${f##*/}.svg" "docs/gallery/$${f%/*}.svg" || exit; \
	done
