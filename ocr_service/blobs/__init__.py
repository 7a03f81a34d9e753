"""Content-addressed store: bytes under the SHA-256 of what they are."""

from ocr_service.blobs.store import BlobDamaged, BlobMissing, BlobStore, open_store

__all__ = ["BlobDamaged", "BlobMissing", "BlobStore", "open_store"]
