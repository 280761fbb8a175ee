"""What is to be believed of what a file says: pure functions from tags to claims.

Reading the tags is `media/exif.py`; the step that runs all this is `ingest/steps/facts.py`.
"""
