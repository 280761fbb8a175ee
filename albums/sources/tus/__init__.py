"""Files that come in pieces, as tus 1.0 has it: https://tus.io/protocols/resumable-upload"""
