# Each target is one script or one cargo command; what it needs is installed by scripts/bootstrap.
.PHONY: run test fmt

# The main job on the sample record, or on FILE=path/to/record.pdf
run:
	@scripts/run $(if $(FILE),"$(FILE)")

test:
	@scripts/test

fmt:
	@cargo fmt --all
