"""PDF/A-2b (ISO 19005-2): what a file says of itself and of its colours, to be read in fifty years."""

from __future__ import annotations

from functools import cache

from PIL import ImageCms

from desktop_ocr.document_host.export.xml_text import content

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{producer}</pdf:Producer></rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_DATE = slice(24, 36)  # of an ICC profile's header: when it was made
_MADE = bytes.fromhex("07e800010001000000000000")  # 1 January 2024: the same bytes each time
_IDENTITY = slice(84, 100)  # a checksum that may be left out


def metadata(title: str, producer: str) -> bytes:
    """The XMP packet of a PDF/A-2b; title and producer have to be those of the document's information."""
    return _XMP.format(title=content(title), producer=content(producer)).encode("utf-8")


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, by LittleCMS."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = _MADE
    profile[_IDENTITY] = bytes(16)
    return bytes(profile)


def output_intent(profile: int) -> str:
    """The catalog's entry that says which colours are meant; `profile` is the profile's object."""
    return (
        "/OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
        f"/Info (sRGB IEC61966-2.1) /DestOutputProfile {profile} 0 R >>]"
    )
