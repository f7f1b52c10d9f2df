# Each target is one script or one cargo command. scripts/bootstrap installs the dependencies.
.PHONY: run app test test-long fmt bench-engine bench-analysis bench-cloud bench-sign-in bench-window

# The main job on the sample record, or on FILE=path/to/record.pdf
run:
	@scripts/run $(if $(FILE),"$(FILE)")

# The window, against a cloud on this machine
app:
	@scripts/app

test:
	@scripts/test

# What takes too long for each change
test-long:
	@scripts/test-long

fmt:
	@cargo fmt --all

# Speed and accuracy against OCRmyPDF, Tesseract and pdftotext; ARGS="--pages 20" for a shorter run
bench-engine:
	@scripts/bench-engine $(ARGS)

# Pages a second, peak memory and assertions against medspaCy's; ARGS="1000" for fewer pages
bench-analysis:
	@scripts/bench-analysis $(ARGS)

# Requests a second against a Flask + SQLAlchemy + gunicorn service; ARGS="--seconds 10" for longer runs
bench-cloud:
	@scripts/bench-cloud $(ARGS)

# 1,000 refused sign-ins each of known and of unknown addresses, compared by Mann-Whitney; ARGS="--bcrypt 10" with old hashes
bench-sign-in:
	@scripts/bench-sign-in $(ARGS)

# The window's start, memory, first text and busiest moment beside their aims; ARGS="--debug" without a release build
bench-window:
	@scripts/bench-window $(ARGS)
