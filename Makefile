# Each target is one script or one cargo command; what it needs is installed by scripts/bootstrap.
.PHONY: run test fmt bench-engine

# The main job on the sample record, or on FILE=path/to/record.pdf
run:
	@scripts/run $(if $(FILE),"$(FILE)")

test:
	@scripts/test

fmt:
	@cargo fmt --all

# How fast and how well pages are read, against OCRmyPDF, Tesseract and pdftotext; ARGS="--pages 20" for less
bench-engine:
	@scripts/bench-engine $(ARGS)
