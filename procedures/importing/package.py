"""A zip that somebody sent, opened with care: what it says of itself is not believed."""

import io
import zipfile
import zlib

from lxml import etree

from procedures.importing.reading import UnreadableChapter

MOST_ENTRIES = 5_000
LARGEST_ENTRY = 40_000_000  # bytes, unpacked
LARGEST_TOTAL = 120_000_000  # bytes, unpacked, of what is read
HIGHEST_RATIO = 200  # unpacked to packed; XML of a real document stays below 60
SMALL = 1_000_000  # bytes; below this the ratio does not matter
DAMAGED = "The file is damaged: it cannot be unpacked. Open it where it was made and save it again."


class Package:
    """The entries of a zip. Raises UnreadableChapter where it is damaged, encrypted or a bomb."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._entries = self._zip.infolist()
        except (
            zipfile.BadZipFile,
            ValueError,
            OSError,
            NotImplementedError,
            RuntimeError,
            EOFError,
        ) as error:
            raise UnreadableChapter(DAMAGED) from error
        except Exception as error:  # zipfile fails in many ways on a directory that was damaged on purpose
            raise UnreadableChapter(DAMAGED) from error
        if len(self._entries) > MOST_ENTRIES:
            raise UnreadableChapter(
                f"The file holds more than {MOST_ENTRIES:,} parts; that is not a chapter."
            )
        if any(entry.flag_bits & 1 for entry in self._entries):
            raise UnreadableChapter("The file is protected by a password. Save it without one.")
        self._read = 0

    @property
    def names(self) -> list[str]:
        """The names of its files, in their order."""
        return [entry.filename for entry in self._entries if not entry.is_dir()]

    def size(self, prefix: str) -> int:
        """Bytes, packed, of the entries whose names start so."""
        return sum(entry.compress_size for entry in self._entries if entry.filename.startswith(prefix))

    def read(self, name: str) -> bytes:
        """One file, unpacked. Raises UnreadableChapter rather than unpack more than a chapter can hold."""
        try:
            entry = self._zip.getinfo(name)
            with self._zip.open(entry) as packed:
                data = packed.read(LARGEST_ENTRY + 1)
        except KeyError:
            raise UnreadableChapter(f"The file has no part {name!r}; it is damaged.") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
            raise UnreadableChapter(DAMAGED) from error
        except Exception as error:  # the decompressors of other methods have errors of their own
            raise UnreadableChapter(DAMAGED) from error
        self._read += len(data)
        ratio = len(data) / max(1, entry.compress_size)
        if (
            len(data) > LARGEST_ENTRY
            or self._read > LARGEST_TOTAL
            or (len(data) > SMALL and ratio > HIGHEST_RATIO)
        ):
            raise UnreadableChapter(
                "The file unpacks to far more than a chapter can hold. It was not read any further."
            )
        return data


def xml(data: bytes) -> etree._Element:
    """The root of an XML part: no entities, nothing from elsewhere, no document type. Raises UnreadableChapter."""
    if b"<!DOCTYPE" in data[:4000].upper() or b"<!ENTITY" in data[:4000].upper():
        raise UnreadableChapter("The file declares entities of its own, which no Word document does.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableChapter(DAMAGED) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableChapter("The file declares entities of its own, which no Word document does.")
    return root
