"""The pipeline, in order. A step pulls its work from the ledger; none calls another."""

from __future__ import annotations

from albums.ingest.step import Step
from albums.ingest.steps.caption import CaptionStep
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.duplicates import DuplicatesStep
from albums.ingest.steps.embed import EmbedStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.fingerprint import FingerprintStep
from albums.ingest.steps.look import LookStep
from albums.ingest.steps.moving import MovingStep
from albums.ingest.steps.ocr import OcrStep
from albums.ingest.steps.pages import PagesStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.playable import PlayableStep
from albums.ingest.steps.record import RecordStep
from albums.ingest.steps.rules import RulesStep
from albums.ingest.steps.stack import StackStep
from albums.ingest.steps.words import WordsStep
from albums.ingest.steps.zone import ZoneStep

STEPS: tuple[Step, ...] = (
    FactsStep(),  # when, where, with what: from tags, name and times of the file
    ZoneStep(),  # the zone of a clock without one, by the phones around
    PlaceStep(),  # city and country of the location
    RulesStep(),  # the person's: dates and places not believed, private, into the trash
    CompanionsStep(),  # joins live photos and their films, photos and their raw files
    MovingStep(),  # the film inside a motion photo
    PicturesStep(),  # three sizes and a placeholder
    FingerprintStep(),  # what looks alike has nearly the same bits
    StackStep(),  # lays live photos, RAW and JPEG, edited copies and bursts on each other
    PagesStep(),  # the text of documents, page by page
    EmbedStep(),  # a vector and labels: found by meaning
    OcrStep(),  # the text in pictures
    LookStep(),  # screenshots, receipts, documents, memes
    DuplicatesStep(),  # which are copies of each other
    WordsStep(),  # found by words; again whenever there are new ones
    CaptionStep(),  # a title, a description, tags: the slowest, so last
    PlayableStep(),  # a version that every browser plays, where the original is none
    RecordStep(),  # all of it into the sidecar
)
